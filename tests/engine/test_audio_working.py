"""Steps two at a time."""

import threading

import pytest

from generator.engine.audio.working import work_in_order
from generator.engine.errors import RenderError


def test_results_come_in_the_order_of_the_steps_whichever_is_ready_first() -> None:
    second_is_done = threading.Event()

    def first() -> str:
        assert second_is_done.wait(timeout=10)
        return "first"

    def second() -> str:
        second_is_done.set()
        return "second"

    assert list(work_in_order([first, second, lambda: "third"])) == ["first", "second", "third"]


def test_an_error_ends_the_work_and_no_later_step_is_begun() -> None:
    begun: list[str] = []

    def fail() -> None:
        raise RenderError("sound: it is silent.")

    with pytest.raises(RenderError, match="silent"):
        list(work_in_order([fail, lambda: begun.append("second"), lambda: begun.append("third")]))
    assert "third" not in begun


def test_whoever_stops_listening_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    results = work_in_order([lambda: 1, lambda: 2, lambda: 3])
    assert next(results) == 1
    results.close()
    assert threading.active_count() == before
