"""The C library's memory pools, told to give back what is free. Where it is not GNU's, nothing is done."""

import ctypes
import sys
from functools import cache
from typing import Any

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Parameters of mallopt(3)."""

_LARGEST_POOLED = 4 * 2**20
_ARENAS = 2


def limit_pools() -> None:
    """Few pools, and none for what is large: each thread that ever composed would keep its largest tables otherwise.
    Before TensorFlow is imported."""
    if _c_library() is not None:
        _c_library().mallopt(_ARENA_MAX, _ARENAS)
        _c_library().mallopt(_MMAP_THRESHOLD, _LARGEST_POOLED)


def trim_pools() -> None:
    """Give back what compiling has left."""
    if _c_library() is not None:
        _c_library().malloc_trim(0)


@cache
def _c_library() -> Any:
    library = ctypes.CDLL(None) if sys.platform == "linux" else None
    return library if hasattr(library, "malloc_trim") else None
