"""Where each drum stands on the staff: the layout of Weinberg's Guidelines for Drumset Notation (PAS, 1998)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    step: str
    octave: int
    head: str
    """MusicXML notehead."""
    name: str


_KICK, _FLOOR_TOM, _LOW_TOM, _HIGH_TOM = ("F", 4), ("A", 4), ("D", 5), ("E", 5)
_SNARE, _HAT, _CRASH, _RIDE, _FOOT = ("C", 5), ("G", 5), ("A", 5), ("F", 5), ("D", 4)
_SOUNDS = {
    35: (_KICK, "normal", "Acoustic bass drum"),
    36: (_KICK, "normal", "Bass drum"),
    37: (_SNARE, "x", "Side stick"),
    38: (_SNARE, "normal", "Snare"),
    39: (_SNARE, "triangle", "Hand clap"),
    40: (_SNARE, "diamond", "Electric snare"),
    41: (("G", 4), "normal", "Low floor tom"),
    42: (_HAT, "x", "Closed hi-hat"),
    43: (_FLOOR_TOM, "normal", "High floor tom"),
    44: (_FOOT, "x", "Pedal hi-hat"),
    45: (("B", 4), "normal", "Low tom"),
    46: (_HAT, "circle-x", "Open hi-hat"),
    47: (_LOW_TOM, "normal", "Low-mid tom"),
    48: (_LOW_TOM, "diamond", "High-mid tom"),
    49: (_CRASH, "x", "Crash cymbal"),
    50: (_HIGH_TOM, "normal", "High tom"),
    51: (_RIDE, "x", "Ride cymbal"),
    52: (("B", 5), "circle-x", "China cymbal"),
    53: (_RIDE, "diamond", "Ride bell"),
    54: (_HIGH_TOM, "triangle", "Tambourine"),
    55: (("B", 5), "x", "Splash cymbal"),
    56: (_HIGH_TOM, "x", "Cowbell"),
    57: (_CRASH, "circle-x", "Second crash cymbal"),
    58: (_HIGH_TOM, "diamond", "Vibraslap"),
    59: (_RIDE, "circle-x", "Second ride cymbal"),
}
DRUMSET = {key: Place(*position, head, name) for key, (position, head, name) in _SOUNDS.items()}
"""Every General MIDI key that a drum part may use."""
