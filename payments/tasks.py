"""What workers and beat call: one line each."""

from celery import shared_task

from payments import services


@shared_task
def reconcile() -> dict[str, int]:
    return dict(services.reconcile())


@shared_task
def process_event(event_id: int) -> None:
    services.process_event(event_id=event_id)
