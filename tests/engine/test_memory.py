"""What was let go of stays at hand where somebody waits, and goes back where nobody does."""

import subprocess
import sys

import pytest

from generator.engine import memory

PAGES = 3 * 2**20 // 4096
"""Of one block of 3 MiB: NumPy asks for larger pages from four on."""
COUNT = """
import resource, sys
import numpy as np
from generator.engine import memory
getattr(memory, sys.argv[1])()
def count():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(3 * 2**18, np.float32)
before = count()
for _ in range(20):
    np.ones(3 * 2**18, np.float32)
print(count() - before)
"""


def count_pages(choice: str) -> int:
    """Pages that the system had to give while such a block was made and dropped twenty times."""
    done = subprocess.run([sys.executable, "-c", COUNT, choice], capture_output=True, text=True, check=True)
    return int(done.stdout)


needs_gnu = pytest.mark.skipif(memory._c_library() is None, reason="another C library is left as it is")


@needs_gnu
@pytest.mark.parametrize("choice", ["keep_large_blocks", "limit_pools"])
def test_who_keeps_what_was_let_go_of_gets_no_page_twice(choice: str) -> None:
    """Who renders previews, and who composes."""
    assert count_pages(choice) < PAGES / 10


@needs_gnu
def test_who_returns_them_gets_each_page_anew() -> None:
    assert count_pages("return_large_blocks") >= 19 * PAGES
