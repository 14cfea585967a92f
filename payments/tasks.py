"""What workers and beat call: one line each.

Results are ignored: waiting for a result store that is down would keep a webhook open for 20 seconds.
"""

from celery import shared_task

from payments import books, services


@shared_task(ignore_result=True)
def reconcile() -> dict[str, int]:
    return dict(services.reconcile())


@shared_task(ignore_result=True)
def look_for_returns() -> dict[str, int]:
    return dict(services.look_for_returns())


@shared_task(ignore_result=True)
def remind_of_deadlines() -> int:
    return services.remind_of_deadlines()


@shared_task(ignore_result=True)
def send_letters() -> dict[str, int]:
    return dict(services.send_letters())


@shared_task(ignore_result=True)
def check_books() -> list[str]:
    return [str(finding) for finding in books.check_books()]


@shared_task(ignore_result=True)
def process_event(event_id: int) -> None:
    services.process_event(event_id=event_id)
