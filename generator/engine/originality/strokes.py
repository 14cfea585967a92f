"""Drums alone as a line: at each onset which kinds of drum are struck, whatever the kit sounds like."""

from collections.abc import Iterable

from generator.engine.originality.lines import MOST_NOTES, Line

DRUMS = 128
"""Added to a set of kinds, so that a line of drums is never taken for a melody, whose pitches end at 127."""

_KINDS = (
    (35, 36),  # kick
    (37, 38, 39, 40),  # snare, stick, clap
    (42, 44),  # closed hi-hat
    (46,),  # open hi-hat
    (41, 43, 45, 47, 48, 50),  # toms
    (49, 51, 52, 53, 55, 57, 59),  # cymbals
)
_OTHER = len(_KINDS)
_BITS = {key: bit for bit, keys in enumerate(_KINDS) for key in keys}


def take_drum_line(strokes: Iterable[tuple[int, int]]) -> Line:
    """Of (onset, General MIDI key): one event per onset, its kinds as bits above `DRUMS`."""
    struck: dict[int, int] = {}
    for onset, key in strokes:
        struck[onset] = struck.get(onset, DRUMS) | 1 << _BITS.get(key, _OTHER)
    return tuple(sorted(struck.items()))[:MOST_NOTES]


def is_drum_line(line: Line) -> bool:
    return bool(line) and line[0][1] >= DRUMS
