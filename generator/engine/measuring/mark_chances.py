"""Wrong keys on unmarked music: does the score ever come near what a mark needs?

Likewise with the known numbers, which the detector tries wherever the pattern alone looks promising.
"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from generator.engine.audio.marking.bounds import bound_chance
from generator.engine.audio.marking.cells import STEPS, WEIGHINGS, measure_views, read_cells
from generator.engine.audio.marking.detection import PROMISING, TRIES, Detection, fold_cells
from generator.engine.audio.marking.layout import BANDS, PAIRS, PERIOD
from generator.engine.audio.marking.pattern import SYNC, Pattern, draw_pattern
from generator.engine.audio.marking.payload import pack_numbers
from generator.engine.audio.marking.reading import Carried, read_carried
from generator.engine.measuring.mark_pieces import read_piece
from generator.engine.measuring.mark_survival import list_known

_PLACES = PERIOD * STEPS
_BATCH = 50
_RATE = 44_100


def measure_chances(pieces: Sequence[Path], *, keys: int, seed: int) -> dict[str, Any]:
    """Each of `keys` wrong keys on each piece, at every place where the pattern may begin."""
    cells = np.stack([_read(path) for path in pieces])
    flat = cells.reshape(-1, *cells.shape[2:])
    spectra = (_transform(flat), _transform(flat**2))
    highest, promising = [], []
    for first in range(0, keys, _BATCH):
        patterns = [_draw(number, seed=seed) for number in range(first, min(first + _BATCH, keys))]
        scores, places = _score_keys(spectra, patterns)
        highest.append(scores.max(axis=2).ravel())
        for index, piece, weighing in np.argwhere(scores >= PROMISING):
            found = cells[piece, weighing]
            promising.append(read_carried(found, patterns[index], place=int(places[index, piece, weighing])))
    known = list_known()
    together = _try_known(promising, known)
    return _tell(np.concatenate(highest), together, known=len(known))


def _tell(highest: NDArray[np.float32], together: NDArray[np.float64], *, known: int) -> dict[str, Any]:
    needed = Detection(score=0.0, tries=TRIES).threshold
    needed_together = Detection(score=0.0, tries=TRIES * known).threshold
    scores = np.arange(2.5, 7.01, 0.1)
    shares = [np.mean(highest > score) for score in scores]
    return {
        "trials": len(highest),
        "alarms": int((highest > needed).sum()) + int((together > needed_together).sum()),
        "threshold": round(needed, 2),
        "highest": round(float(highest.max()), 2),
        "known": known,
        "tried_with_known": len(together),
        "threshold_with_known": round(needed_together, 2),
        "highest_with_known": round(float(together.max(initial=0.0)), 2),
        "scores": [round(float(score), 1) for score in scores],
        "share": [math.log10(share) for share in shares if share],  # none lies above the last
        "bound": [math.log10(bound_chance(float(score), tries=TRIES)) for score in scores],
    }


def _try_known(promising: Sequence[Carried], known: NDArray[np.int64]) -> NDArray[np.float64]:
    """The score of the best number together with the pattern, for each."""
    signs = np.unpackbits(pack_numbers(known), axis=1).astype(np.float32) * 2 - 1
    together = []
    for first in range(0, len(promising), _BATCH):
        some = promising[first : first + _BATCH]
        agreements = (np.stack([each.soft for each in some]).astype(np.float32) @ signs.T).max(axis=1)
        together += [each.rate_with_sync(float(best)) for each, best in zip(some, agreements, strict=True)]
    return np.array(together)


def _draw(number: int, *, seed: int) -> Pattern:
    return draw_pattern(hashlib.sha256(f"wrong {seed} {number}".encode()).digest())


def _read(path: Path) -> NDArray[np.float64]:
    """(WEIGHINGS, places, BANDS)."""
    return fold_cells(read_cells(measure_views(read_piece(path), sample_rate=_RATE)))


def _transform(cells: NDArray[np.float64]) -> NDArray[np.complex64]:
    """(frequencies, BANDS, pieces)."""
    turned = fft.rfft(np.ascontiguousarray(cells.transpose(2, 0, 1), dtype=np.float32), axis=2)
    return np.ascontiguousarray(turned.transpose(2, 0, 1))


def _score_keys(
    spectra: tuple[NDArray[np.complex64], NDArray[np.complex64]], patterns: Sequence[Pattern]
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """The highest score of each key on each piece by each weighing, and at which place."""
    signs = np.zeros((len(patterns), BANDS, PAIRS, 2 * STEPS), dtype=np.float32)
    places = np.zeros_like(signs)
    for index, pattern in enumerate(patterns):
        places[index, :, :, 0] = (pattern.tasks == SYNC).T
        signs[index, :, :, 0] = pattern.signs.T * places[index, :, :, 0]
    sums, squares = (_correlate(wanted, spectrum) for wanted, spectrum in zip((signs, places), spectra, strict=True))
    scores = (sums / np.sqrt(np.maximum(squares, 1e-6))).reshape(len(patterns), -1, WEIGHINGS, _PLACES)
    return scores.max(axis=3), scores.argmax(axis=3)


def _correlate(wanted: NDArray[np.float32], spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Sum over the bands at every place, (keys, pieces, places)."""
    turned = np.conj(fft.rfft(wanted.reshape(len(wanted), BANDS, _PLACES), axis=2))
    product = np.matmul(np.ascontiguousarray(turned.transpose(2, 0, 1)), spectrum)
    return np.asarray(fft.irfft(np.ascontiguousarray(product.transpose(1, 2, 0)), n=_PLACES, axis=2))
