"""A second process that plays: the same sound, the same errors, and nothing lost when it is gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from generator.engine.audio import second_player
from generator.engine.audio.font import load_font
from generator.engine.audio.second_player import SecondPlayer, play_beside, start_second_player
from generator.engine.audio.synthesis import iterate_stems, render_parts
from generator.engine.errors import RenderError
from tests.engine.audio_pieces import make_piece

# Python 3.12 warns of a fork beside threads, which a test run has; workers fork before they have any
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")

RATE = 32_000


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecondPlayer]:
    monkeypatch.setattr(second_player, "_second", None)  # whatever this process had before
    load_font()
    player = start_second_player()
    yield player
    player.stop()


def play_number(number: float, *, frames: int = 10) -> np.ndarray:
    return np.full((frames, 2), number, np.float32)


def play_process() -> np.ndarray:
    return play_number(os.getpid())


def refuse() -> np.ndarray:
    raise RenderError("violin: it came out silent.")


def play_once_told(fifo: str) -> np.ndarray:
    Path(fifo).read_text()
    return play_number(1.0)


def die() -> np.ndarray:
    os.kill(os.getpid(), signal.SIGKILL)
    return play_number(0.0)


def test_stems_are_the_same_to_the_bit_whoever_plays_them(second: SecondPlayer) -> None:
    piece = make_piece("piano", "violin", "bass", "drums")
    together = dict(iterate_stems(piece, sample_rate=RATE))
    second.stop()
    alone = render_parts(piece, sample_rate=RATE)
    assert list(together) == list(alone) == ["piano", "drums", "violin", "bass"]  # by the number of notes
    assert all(np.array_equal(together[name], alone[name]) for name in alone)


def test_it_is_another_process_that_plays(second: SecondPlayer) -> None:
    assert play_beside(play_process)[0, 0] == np.float32(second._process) != np.float32(os.getpid())


def test_what_came_back_stays_while_it_plays_something_else(second: SecondPlayer) -> None:
    first, other = (play_beside(partial(play_number, number)) for number in (1.0, 2.0))
    assert (first == 1.0).all()
    assert (other == 2.0).all()


def test_an_error_is_raised_where_the_sound_was_asked_for_and_the_next_stem_is_played(second: SecondPlayer) -> None:
    with pytest.raises(RenderError, match=r"violin: it came out silent\."):
        play_beside(refuse)
    assert play_beside(play_process)[0, 0] == np.float32(second._process)


def test_while_it_plays_others_are_played_here(second: SecondPlayer, tmp_path: Path) -> None:
    fifo = tmp_path / "told"
    os.mkfifo(fifo)
    second._turn.acquire()
    second._line.send(partial(play_once_told, str(fifo)))
    assert play_beside(play_process)[0, 0] == np.float32(os.getpid())
    fifo.write_text("now")
    assert second._line.recv() == 10
    second._turn.release()


def test_what_is_too_long_for_it_is_played_here(second: SecondPlayer, monkeypatch: pytest.MonkeyPatch) -> None:
    long = partial(play_number, 1.0, frames=second_player._MOST_BYTES // 8 + 1)
    assert second.play(long) is None
    assert len(play_beside(long)) == second_player._MOST_BYTES // 8 + 1
    assert play_beside(play_process)[0, 0] == np.float32(second._process)


def test_one_that_was_killed_is_missed_by_nobody(second: SecondPlayer, caplog: pytest.LogCaptureFixture) -> None:
    assert second.play(die) is None
    assert "The second player is gone" in caplog.text
    assert (play_beside(play_process) == np.float32(os.getpid())).all()


def test_it_ends_with_its_process_however_that_ends() -> None:
    """Its output is that of its process: what reads it comes to the end only when both are gone."""
    code = (
        "from generator.engine.audio.second_player import start_second_player; "
        "start_second_player(); print('up', flush=True); input()"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.kill()
    assert process.stdout.read() == b""
    process.wait()


KEEPS_NOTHING = """
import os
from functools import partial
import numpy as np
from generator.engine.audio.second_player import start_second_player
reading, writing = os.pipe()
os.set_blocking(reading, False)
player = start_second_player()
os.close(writing)
player.play(partial(np.zeros, (1, 2), np.float32))
print(os.read(reading, 1))
player.stop()
"""


def test_it_keeps_no_file_of_its_process_open() -> None:
    """A pipe that its process closes is closed."""
    done = subprocess.run([sys.executable, "-c", KEEPS_NOTHING], capture_output=True, text=True, check=True)
    assert done.stdout == "b''\n"
