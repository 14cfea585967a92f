"""How a process that holds whole recordings gives their memory back."""

import ctypes
import sys

_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of glibc's malloc.h."""
_BYTES = 500_000


def return_large_blocks() -> None:
    """A recording's memory goes back to the system as soon as it is let go of.

    By default glibc learns from the first ones to keep such blocks, in a heap for each thread: a pack that is built two
    files at a time then holds 150 MB that nobody uses. Costs a tenth of the speed, so that only those do it whom nobody
    waits for. Other systems than Linux with glibc are left as they are.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, _BYTES)
