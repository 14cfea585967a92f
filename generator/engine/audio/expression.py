"""Dynamics inside a note, which the font cannot play: bowed and blown notes grow and fall."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.gain import apply_curve
from generator.engine.audio.performance import PlayedNote

_HOP = 64
_LONG = 0.45
"""Seconds. Shorter notes are left as they are."""


def swell_notes(
    sound: NDArray[np.float32], notes: Sequence[PlayedNote], *, decibels: float, sample_rate: int
) -> NDArray[np.float32]:
    """The sound of a single line with every long note growing by up to `decibels` and falling back."""
    points = [point for note in notes for point in _swell(note, decibels=decibels)] if decibels else []
    if not points:
        return sound
    times, levels = zip(*sorted(points), strict=True)
    control = np.arange(0, len(sound) + _HOP, _HOP)
    curve = np.interp(control / sample_rate, times, levels, left=0.0, right=0.0)
    return apply_curve(sound, curve, hop=_HOP)


def _swell(note: PlayedNote, *, decibels: float) -> list[tuple[float, float]]:
    """Breakpoints (seconds, decibels): softly in, full at 60 %, easing away."""
    length = note.stop - note.start
    if length < _LONG:
        return []
    depth = decibels * min(1.0, length / 1.5)
    return [
        (note.start, 0.0),
        (note.start + 0.08, -0.5 * depth),
        (note.start + 0.6 * length, depth),
        (note.stop, 0.0),
    ]
