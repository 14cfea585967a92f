"""Wrong keys on unmarked music: does the score ever come near what a mark needs?"""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.marking.cells import STEPS, measure_spectrum, read_cells
from generator.engine.audio.marking.detection import find_threshold, fold_cells
from generator.engine.audio.marking.layout import BANDS, PERIOD
from generator.engine.audio.marking.pattern import SYNC, draw_pattern
from generator.engine.measuring.mark_pieces import read_piece

_PLACES = PERIOD * STEPS
_BATCH = 50
_RATE = 44_100


def measure_chances(pieces: Sequence[Path], *, keys: int, seed: int) -> dict[str, Any]:
    """Each of `keys` wrong keys on each piece, at every place where the pattern may begin."""
    cells = np.stack([_read(path) for path in pieces])
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
        "share": [math.log10(share) if share else math.nan for share in shares],
        "bound": [min(0.0, math.log10(_PLACES) - score**2 / 2 / math.log(10)) for score in scores],
    }


def _read(path: Path) -> NDArray[np.float64]:
    return fold_cells(read_cells(measure_spectrum(read_piece(path), sample_rate=_RATE)))


def _transform(cells: NDArray[np.float64]) -> NDArray[np.complex64]:
    """(frequencies, BANDS, pieces)."""
    return np.fft.rfft(cells, axis=1).transpose(1, 2, 0).astype(np.complex64)


def _score_keys(
    spectra: tuple[NDArray[np.complex64], NDArray[np.complex64]], *, first: int, count: int, seed: int
) -> NDArray[np.float32]:
    """The highest score of each key on each piece, (count, pieces)."""
    wanted = np.zeros((2, count, PERIOD, STEPS, BANDS), dtype=np.float32)
    for index in range(count):
        pattern = draw_pattern(hashlib.sha256(f"wrong {seed} {first + index}".encode()).digest())
        wanted[1, index, :, 0] = pattern.tasks == SYNC
        wanted[0, index, :, 0] = pattern.signs * wanted[1, index, :, 0]
    turned = np.conj(np.fft.rfft(wanted.reshape(2, count, _PLACES, BANDS), axis=2)).transpose(0, 2, 1, 3)
    sums, squares = (
        np.fft.irfft(np.matmul(turned[which].astype(np.complex64), spectra[which]), n=_PLACES, axis=0)
        for which in (0, 1)
    )
    return np.asarray((sums / np.sqrt(np.maximum(squares, 1e-6))).max(axis=0), dtype=np.float32)
