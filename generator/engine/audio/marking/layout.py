"""Where the mark lies: a grid of frequency bands by short moments, the same for every key, repeated without end."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

CHIP = 0.025
"""Seconds that one cell's gain holds. Music changes little from one to the next: the detector leans on that."""
PERIOD = 400
"""Chips after which the pattern starts again: 10 s."""
PAIRS = PERIOD // 2
"""Chips come in pairs of which one is raised and the other lowered: what is looked at is the step between them, which
the music's own slow changes hardly touch."""
LOWEST, HIGHEST = 1_000.0, 10_000.0
"""Hertz. Below, a third octave is narrow beside the speed of the changes, which would spread into empty bands beside a
strong one; above, encoders keep little."""
_NARROWEST, _SHARE = 200.0, 0.15
"""Width of a band: this many hertz, or this share of its lower edge."""
SYNC_SHARE = 0.5
"""Of all cells: these are the same for every number, and find the mark. The others carry the number."""
CODED_BITS = 240


@cache
def band_edges() -> NDArray[np.float64]:
    """Hertz, one more than there are bands."""
    edges = [LOWEST]
    while edges[-1] < HIGHEST:
        edges.append(edges[-1] + max(_NARROWEST, edges[-1] * _SHARE))
    return np.array(edges)


BANDS = len(band_edges()) - 1
