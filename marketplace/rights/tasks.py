from celery import shared_task

from marketplace.rights import register


@shared_task
def sign_head() -> None:
    register.sign_head()
