"""Steps two at a time."""

import sys
import threading
import weakref
from collections.abc import Iterator
from functools import partial

import pytest

from generator.engine.audio.working import hand_over_quickly, work_as_ready, work_in_order
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


def test_a_long_step_holds_up_those_that_may_be_done_before_their_turn_no_longer() -> None:
    begun: list[str] = []
    fourth_is_done = threading.Event()

    def first() -> str:
        assert fourth_is_done.wait(timeout=10)
        return "first"

    def fourth() -> str:
        fourth_is_done.set()
        return "fourth"

    def fifth() -> str:
        begun.append("fifth")
        return "fifth"

    results = work_in_order([first, lambda: "second", lambda: "third", fourth, fifth], ahead=2)
    assert (next(results), begun) == ("first", [])
    assert list(results) == ["second", "third", "fourth", "fifth"]


def test_an_error_ends_the_work_and_no_later_step_is_begun() -> None:
    begun: list[str] = []

    def fail() -> None:
        raise RenderError("sound: it is silent.")

    with pytest.raises(RenderError, match="silent"):
        list(work_in_order([fail, lambda: begun.append("second"), lambda: begun.append("third")]))
    assert "third" not in begun


def test_steps_of_a_step_run_in_its_own_thread_one_by_one() -> None:
    """Two steps that each began two threads would hold twice the sound for no more speed."""

    def work() -> list[int]:
        return list(work_in_order([threading.get_ident, threading.get_ident]))

    (one, other), _ = work_in_order([work, work])
    assert one == other != threading.get_ident()


def test_what_a_step_holds_is_let_go_of_once_it_is_done() -> None:
    sound = _Sound()
    held = weakref.ref(sound)
    results = work_in_order([partial(sound.play, 1), lambda: 2, lambda: 3])
    del sound
    assert [next(results), next(results)] == [1, 2]
    assert held() is None
    results.close()


class _Sound:
    def play(self, number: int) -> int:
        return number


def test_whoever_stops_listening_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    results = work_in_order([lambda: 1, lambda: 2, lambda: 3])
    assert next(results) == 1
    results.close()
    assert threading.active_count() == before


def test_what_nobody_listens_to_may_end_in_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the collector comes by there."""
    ignored: list[BaseException | None] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda problem: ignored.append(problem.exc_value))
    has_begun, is_dropped = threading.Event(), threading.Event()
    kept: list[Iterator[int]] = []

    def drop() -> int:
        assert has_begun.wait(timeout=10)
        kept.clear()
        is_dropped.set()
        return 2

    kept.append(work_in_order([lambda: 1, drop, lambda: 3]))
    assert next(kept[0]) == 1
    has_begun.set()
    assert is_dropped.wait(timeout=10)
    assert ignored == []


def test_a_long_step_holds_nobody_up() -> None:
    third_is_done = threading.Event()

    def first() -> str:
        assert third_is_done.wait(timeout=10)
        return "first"

    def third() -> str:
        third_is_done.set()
        return "third"

    assert sorted(work_as_ready([first, lambda: "second", third])) == ["first", "second", "third"]


def test_an_error_among_steps_as_they_get_ready_ends_the_work() -> None:
    begun: list[str] = []

    def fail() -> None:
        raise RenderError("sound: it is silent.")

    with pytest.raises(RenderError, match="silent"):
        list(work_as_ready([fail, fail, lambda: begun.append("third")]))
    assert begun == []


def test_what_a_ready_step_holds_is_let_go_of() -> None:
    sound = _Sound()
    held = weakref.ref(sound)
    results = work_as_ready([partial(sound.play, 1), lambda: 2, lambda: 3, lambda: 4])
    del sound
    assert {next(results), next(results), next(results)} >= {1}
    assert held() is None
    results.close()


def test_threads_hand_over_quickly_for_as_long_as_the_work_lasts() -> None:
    before = sys.getswitchinterval()

    def fail() -> None:
        with hand_over_quickly():
            assert sys.getswitchinterval() < before / 10
            raise RenderError("sound: it is silent.")

    with pytest.raises(RenderError):
        fail()
    assert sys.getswitchinterval() == before
