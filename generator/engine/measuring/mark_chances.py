"""Wrong keys on unmarked music: does the score ever come near what a mark needs?"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from generator.engine.audio.marking.cells import STEPS, WEIGHINGS, measure_views, read_cells
from generator.engine.audio.marking.detection import find_threshold, fold_cells
from generator.engine.audio.marking.layout import BANDS, PAIRS, PERIOD
from generator.engine.audio.marking.pattern import SYNC, draw_pattern
from generator.engine.measuring.mark_pieces import read_piece

_PLACES = PERIOD * STEPS
_BATCH = 50
_RATE = 44_100


def measure_chances(pieces: Sequence[Path], *, keys: int, seed: int) -> dict[str, Any]:
    """Each of `keys` wrong keys on each piece, at every place where the pattern may begin."""
    cells = np.concatenate([_read(path) for path in pieces])
    spectra = (_transform(cells), _transform(cells**2))
    highest = np.concatenate(
        [
            _score_keys(spectra, first=first, count=min(_BATCH, keys - first), seed=seed)
            for first in range(0, keys, _BATCH)
        ]
    ).ravel()
    threshold = find_threshold(tries=1)
    scores = np.arange(2.5, 7.01, 0.1)
    shares = [np.mean(highest > score) for score in scores]
    return {
        "trials": len(highest),
        "alarms": int((highest > threshold).sum()),
        "threshold": round(threshold, 2),
        "highest": round(float(highest.max()), 2),
        "scores": [round(float(score), 1) for score in scores],
        "share": [math.log10(share) for share in shares if share],  # none lies above the last
        "bound": [min(0.0, math.log10(WEIGHINGS * _PLACES) - score**2 / 2 / math.log(10)) for score in scores],
    }


def _read(path: Path) -> NDArray[np.float64]:
    """(WEIGHINGS, places, BANDS)."""
    return fold_cells(read_cells(measure_views(read_piece(path), sample_rate=_RATE)))


def _transform(cells: NDArray[np.float64]) -> NDArray[np.complex64]:
    """(frequencies, BANDS, pieces)."""
    turned = fft.rfft(np.ascontiguousarray(cells.transpose(2, 0, 1), dtype=np.float32), axis=2)
    return np.ascontiguousarray(turned.transpose(2, 0, 1))


def _score_keys(
    spectra: tuple[NDArray[np.complex64], NDArray[np.complex64]], *, first: int, count: int, seed: int
) -> NDArray[np.float32]:
    """The highest score of each key on each piece, (count, pieces)."""
    signs = np.zeros((count, BANDS, PAIRS, 2 * STEPS), dtype=np.float32)
    places = np.zeros_like(signs)
    for index in range(count):
        pattern = draw_pattern(hashlib.sha256(f"wrong {seed} {first + index}".encode()).digest())
        places[index, :, :, 0] = (pattern.tasks == SYNC).T
        signs[index, :, :, 0] = pattern.signs.T * places[index, :, :, 0]
    sums, squares = (_correlate(wanted, spectrum) for wanted, spectrum in zip((signs, places), spectra, strict=True))
    highest = (sums / np.sqrt(np.maximum(squares, 1e-6))).max(axis=2)
    return np.asarray(highest.reshape(count, -1, WEIGHINGS).max(axis=2), dtype=np.float32)


def _correlate(wanted: NDArray[np.float32], spectrum: NDArray[np.complex64]) -> NDArray[np.float32]:
    """Sum over the bands at every place, (keys, pieces, places)."""
    turned = np.conj(fft.rfft(wanted.reshape(len(wanted), BANDS, _PLACES), axis=2))
    product = np.matmul(np.ascontiguousarray(turned.transpose(2, 0, 1)), spectrum)
    return np.asarray(fft.irfft(np.ascontiguousarray(product.transpose(1, 2, 0)), n=_PLACES, axis=2))
