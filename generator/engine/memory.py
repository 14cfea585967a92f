"""The C library's memory pools, told to give back what is free. Where it is not GNU's, nothing is done."""

import ctypes
import sys
from functools import cache
from typing import Any

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Parameters of mallopt(3)."""

_LARGEST_TABLE, _LARGEST_SOUND, _LARGEST_KEPT = 4 * 2**20, 500_000, 32 * 2**20
"""Bytes from which on a block is the system's own, and goes back to it as soon as it is let go of."""
_TABLES_KEPT, _SOUND_KEPT = 32 * 2**20, 256 * 2**20
"""Bytes at the end of a pool that stay at hand when they are let go of: from the system they come again page by page,
each asked for and cleared."""
_ARENAS = 2


def limit_pools() -> None:
    """Few pools, and none for what is large: each thread that ever composed would keep its largest tables otherwise.
    Before TensorFlow is imported."""
    if _c_library() is not None:
        _c_library().mallopt(_ARENA_MAX, _ARENAS)
        _c_library().mallopt(_MMAP_THRESHOLD, _LARGEST_TABLE)
        _c_library().mallopt(_TRIM_THRESHOLD, _TABLES_KEPT)


def trim_pools() -> None:
    """Give back what compiling has left."""
    if _c_library() is not None:
        _c_library().malloc_trim(0)


def keep_large_blocks() -> None:
    """What one step of a recording lets go of stays at hand for the next, in a single pool: for those whom somebody
    waits for. A preview makes and drops its sound dozens of times."""
    if _c_library() is not None:
        _c_library().mallopt(_ARENA_MAX, 1)
        _c_library().mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT)
        _c_library().mallopt(_TRIM_THRESHOLD, _SOUND_KEPT)


def return_large_blocks() -> None:
    """A recording's memory goes back to the system as soon as it is let go of.

    By default glibc learns from the first ones to keep such blocks, in a heap for each thread: a pack that is built two
    files at a time then holds 150 MB that nobody uses. Costs a tenth of the speed, so that only those do it whom nobody
    waits for.
    """
    if _c_library() is not None:
        _c_library().mallopt(_MMAP_THRESHOLD, _LARGEST_SOUND)


@cache
def _c_library() -> Any:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if hasattr(library, "malloc_trim") else None
