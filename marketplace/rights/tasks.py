from celery import shared_task

from marketplace.rights import orphans, register


@shared_task
def sign_head() -> None:
    register.sign_head()


@shared_task(ignore_result=True)
def remove_orphans() -> None:
    orphans.remove_orphans()
