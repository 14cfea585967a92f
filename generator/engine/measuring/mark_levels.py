"""How far the mark lies below the music, and what it costs."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import stft

from generator.engine.audio.marking.detection import find_mark
from generator.engine.audio.marking.embedding import Mark, mark_sound
from generator.engine.measuring.mark_pieces import read_piece

_RATE = 44_100
_CENTRES = 1000.0 * 2.0 ** (np.arange(-5, 11) / 3)
_MARK = Mark(key=b"benchmark", number=0x1234_5678_9ABC)


def measure_thirds(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    """Energy in decibels of the third-octave bands from 315 Hz to 10 kHz."""
    frequency, _, spectrum = stft(audio.T, _RATE, nperseg=8192)
    power = np.square(np.abs(spectrum)).sum(axis=(0, 2))
    edges = np.searchsorted(frequency, np.append(_CENTRES * 2 ** (-1 / 6), _CENTRES[-1] * 2 ** (1 / 6)))
    return np.asarray(10.0 * np.log10(np.add.reduceat(power, edges)[:-1] + 1e-30))


def measure_levels(pieces: Sequence[Path]) -> dict[str, Any]:
    """The mark's energy beside the music's in every band, the highest of all pieces."""
    highest = np.full(len(_CENTRES), -np.inf)
    for path in pieces:
        audio = read_piece(path)
        mark = mark_sound(audio, _MARK, sample_rate=_RATE) - audio
        np.maximum(highest, measure_thirds(mark) - measure_thirds(audio), out=highest)
    by_band = {f"{centre:.0f}": round(float(level), 2) for centre, level in zip(_CENTRES, highest, strict=True)}
    return {"worst_db": round(float(highest.max()), 2), "by_band": by_band}


def measure_times(piece: Path) -> dict[str, float]:
    """Processor seconds, the least of three tries."""
    audio = read_piece(piece)
    marked = mark_sound(audio, _MARK, sample_rate=_RATE)
    steps = {
        "mark": lambda: mark_sound(audio, _MARK, sample_rate=_RATE),
        "find and read": lambda: find_mark(marked, [_MARK.key], sample_rate=_RATE),
        "find nothing, all speeds tried": lambda: find_mark(audio, [_MARK.key], sample_rate=_RATE),
    }
    return {name: min(_time(step) for _ in range(3)) for name, step in steps.items()}


def _time(step: Any) -> float:
    start = time.process_time()
    step()
    return round(time.process_time() - start, 3)
