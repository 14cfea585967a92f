"""How each instrument is played, where it stands and how loud it is. Tables, to be tuned by ear."""

import math
from dataclasses import dataclass, replace

from generator.engine.instruments import Instrument
from generator.engine.plan import Role


@dataclass(frozen=True, slots=True)
class Manner:
    """How one instrument plays its notes."""

    gate: float = 1.0
    """Share of the written length that a note is held."""
    overlap: float = 0.0
    """Seconds that a note is held into the next one, when that one follows at once: legato."""
    rings: bool = False
    """Chord tones ring on until the chord changes: the pedal of a piano, the open strings of a guitar."""
    spread: float = 0.0
    """Seconds between the notes of one chord, lowest first: a strum."""
    shortest: float = 0.06
    """Seconds. Shorter notes are held this long so that they speak."""
    swell: float = 0.0
    """Decibels by which long notes grow and fall."""
    crest: float = 18.0
    """Decibels by which a stroke may stand above the stem's loudness; what is more is rounded off."""
    tuning: float = 0.0
    """Cents, see `_TUNINGS`."""


_BOWED = Manner(overlap=0.035, swell=2.0)

_MANNERS = {
    "piano": Manner(gate=0.98, rings=True, spread=0.003),
    "epiano": Manner(gate=0.96, rings=True, spread=0.003),
    "organ": Manner(gate=0.98),
    "guitar": Manner(rings=True, spread=0.008),
    "harp": Manner(rings=True, spread=0.022),
    "strings": Manner(gate=1.02, swell=2.0),
    "violin": _BOWED,
    "viola": _BOWED,
    "cello": _BOWED,
    "flute": Manner(gate=0.97, overlap=0.012, swell=1.5),
    "clarinet": Manner(gate=0.98, overlap=0.012, swell=1.5),
    "bass": Manner(gate=0.92),
    "drums": Manner(shortest=0.35, crest=12.0),
}

_ORGAN = 16
"""The one keyboard without a pedal to hold its chords."""
_TUNINGS = {73: -4.0, 48: 4.6, 11: -1.0, 19: -8.0, 21: -5.5}
"""By program: cents by which the font's samples have to be moved to be in tune."""

_PANS = {
    "piano": -0.12, "epiano": 0.2, "organ": -0.2, "guitar": 0.35, "harp": -0.38,
    "violin": -0.3, "viola": 0.22, "cello": 0.32, "strings": 0.1, "flute": 0.18, "clarinet": -0.15,
}  # fmt: skip
"""-1 is left, 1 is right. Bass and drums stay in the middle."""

_ROLE_LEVELS = {Role.LEAD: 0.0, Role.COUNTER: -3.0, Role.HARMONY: -4.5, Role.BASS: -3.5, Role.RHYTHM: -3.5}
"""Loudness beside the lead, in LU, by role."""
_FEW = 2


def find_manner(instrument: Instrument, *, role: str) -> Manner:
    manner = _MANNERS.get(instrument.slug, Manner())
    if not instrument.is_drums:
        manner = replace(manner, tuning=_TUNINGS.get(instrument.program, 0.0))
    if instrument.slug == "piano" and instrument.program == _ORGAN:
        return replace(manner, rings=False, spread=0.0)
    if instrument.slug == "guitar" and role == Role.LEAD:
        return replace(manner, overlap=0.02, spread=0.012)
    return manner


def find_pan(instrument: Instrument, *, role: str, alone: bool) -> float:
    """An instrument alone stands in the middle, a lead close to it."""
    if alone:
        return 0.0
    return _PANS.get(instrument.slug, 0.0) * (0.5 if role == Role.LEAD else 1.0)


def find_level(role: str, *, players: int = 1) -> float:
    """Beside the lead; many players of one role share the loudness that two of them have."""
    return _ROLE_LEVELS[Role(role)] - 10.0 * math.log10(max(players / _FEW, 1.0))
