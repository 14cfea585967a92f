"""Work that never runs beside itself, on whatever host."""

import threading

import pytest
from django.conf import settings
from redis import Redis

from marketplace.alone import LIFETIME, lock_name, run_alone


def milliseconds_left(work: object) -> int:
    with Redis.from_url(settings.REDIS_URL) as broker:
        return broker.pttl(lock_name(work))


def test_work_is_not_begun_beside_itself_and_is_again_once_it_has_ended() -> None:
    began, may_end, done = threading.Event(), threading.Event(), []

    @run_alone
    def sweep() -> str:
        began.set()
        may_end.wait(30)
        return "swept"

    other_worker = threading.Thread(target=lambda: done.append(sweep()))
    other_worker.start()
    assert began.wait(30)
    assert sweep() is None
    may_end.set()
    other_worker.join()
    assert done == ["swept"]
    assert sweep() == "swept"


def test_work_of_another_name_goes_on_beside_it() -> None:
    @run_alone
    def write() -> str:
        return "written"

    @run_alone
    def sweep() -> str | None:
        return write()

    assert sweep() == "written"


def test_work_that_fails_may_be_tried_again_at_once() -> None:
    @run_alone
    def sweep() -> None:
        raise ValueError("broken")

    for _ in range(2):
        with pytest.raises(ValueError, match="broken"):
            sweep()


def test_lock_lapses_soon_after_its_process_was_killed() -> None:
    """Nobody is left then to release it."""

    @run_alone
    def sweep() -> int:
        return milliseconds_left(sweep)

    assert 0 < sweep() <= LIFETIME * 1000


def test_lock_is_renewed_for_as_long_as_the_work_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("marketplace.alone.RENEWAL", 0.02)

    @run_alone
    def sweep() -> int:
        """Renewals seen: without any the time left only falls, and the lock lapses."""
        seen, last = 0, milliseconds_left(sweep)
        while seen < 3 and last > 0:
            left = milliseconds_left(sweep)
            seen += left > last
            last = left
        return seen

    assert sweep() == 3
