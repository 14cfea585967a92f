from celery import shared_task

from marketplace.alone import run_alone
from marketplace.rights import orphans, register

_HOUR = 3600


@shared_task(ignore_result=True, expires=_HOUR, time_limit=300)
@run_alone
def sign_head() -> None:
    register.sign_head()


@shared_task(ignore_result=True, expires=24 * _HOUR, time_limit=6 * _HOUR)
@run_alone
def remove_orphans() -> None:
    """It lists the whole storage, which may take a while."""
    orphans.remove_orphans()
