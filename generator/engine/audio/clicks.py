"""Clicks: a sample that does not follow from those before it, where nothing else is going on."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from generator.engine.errors import RenderError

_BLOCK = 32
MOST = 6_000.0
"""Power of the largest third difference in a block beside its mean in the blocks around. Twenty-seven sounds on random
notes reach 1,500 at most, the key of an organ; a step of a third of the peak makes some ten thousands."""
MOST_AMONG_STROKES = 2_000.0
"""The same where drums play. A stroke is no click: what it begins goes on in the blocks after it, so that six kits on
random strokes reach 850 at most, and played ones 150. The noise of cymbals makes a step stand out less, so that the
limit is closer."""
_DRUMS = "drums"
_FAINT = 0.01**2
_FLOOR = 1e-6


def refuse_clicks(
    stems: Iterable[tuple[str, NDArray[np.float32]]], *, sample_rate: int
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """The dry stems, (frames, 2), as they come. Raises RenderError with the place for one that clicks.

    Under the noise of a cymbal, as loud as itself, a click goes unseen; unheard as well.
    """
    for name, stem in stems:
        most = MOST_AMONG_STROKES if name.split("-")[0] == _DRUMS else MOST
        refuse_click(stem, name=name, most=most, sample_rate=sample_rate)
        yield name, stem


def refuse_click(audio: NDArray[np.float32], *, name: str, most: float, sample_rate: int) -> None:
    for channel in audio.T:
        power, place = find_worst(channel)
        if power > most:
            raise RenderError(f"{name}: it clicks at {place / sample_rate:.3f} s. Check the font and the player.")


def find_worst(channel: NDArray[np.float32]) -> tuple[float, int]:
    """How far the most sudden sample stands out, as power, and where it is."""
    blocks = (len(channel) - 3) // _BLOCK
    if blocks < 5:
        return 0.0, 0
    changes = np.square(np.diff(channel[: blocks * _BLOCK + 3], n=3)).reshape(blocks, _BLOCK)
    largest, mean = changes.max(axis=1), changes.mean(axis=1)
    around = np.max([mean[:-4], mean[1:-3], mean[3:-1], mean[4:]], axis=0)
    standing = np.where(largest[2:-2] > _FAINT, largest[2:-2] / np.maximum(around, _FLOOR), 0.0)
    worst = int(standing.argmax())
    return float(standing[worst]), (worst + 2) * _BLOCK
