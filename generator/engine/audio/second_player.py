"""A second process that plays. The font keeps Python's lock while it does, so one process plays one stem at a time, and
one that has a second beside it two.

Sound comes back through memory that both see. From a pipe it would have to be read in pieces, each of which waits for
the lock: no faster than without a second process.
"""

import logging
import mmap
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

Audio = NDArray[np.float32]
Play = Callable[[], Audio]
"""Returns (frames, 2). It is sent to the other process, so it can be pickled."""

_MOST_BYTES = 64 * 2**20
"""Three minutes at 44.1 kHz; what is longer is played here. Only what is used of it is taken from the system."""


class SecondPlayer:
    """Ends with this process. Started before there are threads, and once the font is loaded: both then share it."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _MOST_BYTES)
        self._turn = threading.Lock()
        self._line, theirs = Pipe()
        self._is_there = True
        self._process = os.fork()
        if self._process == 0:
            _serve(theirs, self._memory)
        theirs.close()

    def play(self, play: Play) -> Audio | None:
        """What `play` returns or raises; None where it is busy, or gone."""
        if not self._turn.acquire(blocking=False):
            return None
        try:
            return self._ask(play) if self._is_there else None
        except (EOFError, OSError):
            logger.exception("The second player is gone: previews take longer until this worker is started again.")
            self.stop()
            return None
        finally:
            self._turn.release()

    def _ask(self, play: Play) -> Audio | None:
        self._line.send(play)
        answer = self._line.recv()
        if isinstance(answer, Exception):
            raise answer
        return None if answer is None else _view(self._memory, frames=answer).copy()

    def stop(self) -> None:
        if self._is_there:
            self._is_there = False
            self._line.close()
            os.waitpid(self._process, 0)


def _view(memory: mmap.mmap, *, frames: int) -> Audio:
    return np.frombuffer(memory, dtype=np.float32, count=2 * frames).reshape(frames, 2)


def _serve(line: Connection, memory: mmap.mmap) -> NoReturn:
    """Until whoever asks is gone. What they had open is closed here, and their signals are not ours."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _close_all_but(line)
        while True:
            line.send(_answer(line.recv(), memory=memory))
    except (EOFError, OSError):
        pass
    finally:
        os._exit(0)


def _close_all_but(line: Connection) -> None:
    """And the three standard ones. By name: there may be room for a thousand million of them."""
    for name in os.listdir("/dev/fd"):
        if int(name) > 2 and int(name) != line.fileno():
            with suppress(OSError):  # the listing's own is closed by now
                os.close(int(name))


def _answer(play: Play, *, memory: mmap.mmap) -> int | Exception | None:
    """The number of frames that were written; None for more than there is room for."""
    try:
        audio = play()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where it was asked for
        return error
    if audio.nbytes > _MOST_BYTES:
        return None
    _view(memory, frames=len(audio))[:] = audio
    return len(audio)


_second: SecondPlayer | None = None
"""This process's."""


def start_second_player() -> SecondPlayer:
    """From now on this process plays two stems at a time."""
    global _second
    _second = SecondPlayer()
    return _second


def has_second_player() -> bool:
    return _second is not None


def play_beside(play: Play) -> Audio:
    """What `play` returns or raises, from the second player if there is one that is free."""
    audio = _second.play(play) if _second else None
    return play() if audio is None else audio
