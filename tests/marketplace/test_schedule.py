"""What beat sends, and who waits for whom."""

from datetime import timedelta

import pytest
from celery.schedules import crontab
from django.conf import settings

from marketplace.celery import app

app.loader.import_default_modules()
app.autodiscover_tasks(force=True)

SCHEDULE = settings.CELERY_BEAT_SCHEDULE


def queue_of(task: str) -> str:
    return app.amqp.router.route({}, task)["queue"].name


def interval_of(name: str) -> float:
    schedule = SCHEDULE[name]["schedule"]
    return timedelta(days=1).total_seconds() if isinstance(schedule, crontab) else schedule


@pytest.mark.parametrize("name", SCHEDULE)
def test_what_was_not_begun_when_the_next_is_sent_expires(name: str) -> None:
    assert 0 < app.tasks[SCHEDULE[name]["task"]].expires <= interval_of(name)


@pytest.mark.parametrize("task", [name for name in app.tasks if name.startswith(("payments.", "marketplace.rights."))])
def test_no_preview_waits_behind_what_waits_for_others(task: str) -> None:
    """Nor does the sweep for lost steps, which has the default queue of the rendering worker."""
    assert queue_of(task) == "books"
    assert app.tasks[task].time_limit > 0


def test_steps_of_a_track_and_their_sweep_do_not_wait_for_stripe() -> None:
    generating = [task for task in app.tasks if task.startswith("generator.")]
    assert len(generating) == 8
    assert "books" not in {queue_of(task) for task in generating}
