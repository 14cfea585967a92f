"""What workers and beat call: one line each.

Results are ignored: waiting for a result store that is down would keep a webhook open for 20 seconds. All of them may
have to wait for Stripe or for a mail server, so they have a queue of their own ("books"), for which no preview waits.
What beat sends expires with the next one, and none of it runs beside itself: while Stripe is silent nothing piles up.
`time_limit` ends a child that hangs, far beyond what even silence takes.
"""

from celery import shared_task

from marketplace.alone import run_alone
from payments import books, services

_SWEEP_SECONDS = 30
_HOUR = 3600
_DAY = 24 * _HOUR


@shared_task(ignore_result=True, expires=_SWEEP_SECONDS, time_limit=900)
@run_alone
def reconcile() -> dict[str, int]:
    return dict(services.reconcile())


@shared_task(ignore_result=True, expires=_HOUR, time_limit=1800)
@run_alone
def look_for_returns() -> dict[str, int]:
    return dict(services.look_for_returns())


@shared_task(ignore_result=True, expires=_HOUR, time_limit=300)
@run_alone
def remind_of_deadlines() -> int:
    return services.remind_of_deadlines()


@shared_task(ignore_result=True, expires=_SWEEP_SECONDS, time_limit=300)
@run_alone
def send_letters() -> dict[str, int]:
    return dict(services.send_letters())


@shared_task(ignore_result=True, expires=_DAY, time_limit=_HOUR)
@run_alone
def check_books() -> list[str]:
    return [str(finding) for finding in books.check_books()]


@shared_task(ignore_result=True, expires=_SWEEP_SECONDS, time_limit=300)
def process_event(event_id: int) -> None:
    """What has waited for longer is the reconciler's."""
    services.process_event(event_id=event_id)
