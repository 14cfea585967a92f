"""Pitch spelling: which of C sharp and D flat a note is, by its chord first and by the key otherwise."""

from dataclasses import dataclass

from generator.engine.plan import Chord, Key, Mode

_STEPS = "CDEFGAB"
_NATURAL = dict(zip(_STEPS, (0, 2, 4, 5, 7, 9, 11), strict=True))
_FIFTHS = dict(zip("FCGDAEB", range(-1, 6), strict=True))
"""Each letter on the line of fifths, C being 0; a sharp adds 7, a flat takes 7."""
_LETTERS_UP = (0, 2, 4, 6)
"""Root, third, fifth and seventh of a chord are spelled as a stack of thirds."""
_TURNS = {0: 0, 3: -3, 4: 4, 6: -6, 7: 1, 10: -2}
"""Intervals of chords, in semitones above the root, to steps on the line of fifths."""
_CENTRE = 2
"""Steps from a signature's first note to the middle of the chords in use: of seven, it has five on the sharp side."""
_WINDOW = {Mode.MAJOR: (-5, 6), Mode.MINOR: (-2, 9)}
"""Twelve neighbours on the line of fifths around a key signature's first note; minor leans to its raised steps."""


@dataclass(frozen=True, slots=True, order=True)
class Spelling:
    step: str
    alter: int
    """-2 (double flat) to 2 (double sharp)."""
    octave: int
    """Scientific: 4 begins with middle C."""

    @property
    def pitch(self) -> int:
        return 12 * (self.octave + 1) + _NATURAL[self.step] + self.alter


def alterations(key: Key) -> dict[str, int]:
    """What the signature does to each letter."""
    fifths = key.fifths
    sharps, flats = "FCGDAEB"[: max(fifths, 0)], "BEADGCF"[: max(-fifths, 0)]
    return {step: (step in sharps) - (step in flats) for step in _STEPS}


def spell_class(pitch_class: int, *, key: Key) -> tuple[str, int]:
    """Letter and alteration of a pitch class (sounding) within its key."""
    lowest, _ = _WINDOW[key.mode]
    first = key.fifths + lowest
    return _name_place(first + (pitch_class * 7 - first) % 12)


def spell_root(chord: Chord, *, key: Key) -> tuple[str, int]:
    """The name that keeps the chord's tones nearest to the key: G sharp diminished in A minor, not A flat."""
    centre = key.fifths + _CENTRE
    turns = [_TURNS[(pitch_class - chord.root) % 12] for pitch_class in chord.pitch_classes]
    lowest = (chord.root + key.shift) * 7 % 12 - 24
    places = (place for place in range(lowest, 24, 12) if abs(_name_place(place)[1]) < 2)
    return _name_place(min(places, key=lambda place: sum(abs(place + turn - centre) for turn in turns)))


def _name_place(place: int) -> tuple[str, int]:
    step = "FCGDAEB"[(place + 1) % 7]
    return step, (place - _FIFTHS[step]) // 7


def spell_chord(chord: Chord, *, key: Key) -> dict[int, tuple[str, int]]:
    """The chord's tones, by sounding pitch class. `chord` is key-normalised, as plans keep it."""
    step, _ = spell_root(chord, key=key)
    tones = {}
    for pitch_class, up in zip(chord.pitch_classes, _LETTERS_UP, strict=False):
        letter = _STEPS[(_STEPS.index(step) + up) % 7]
        sounding = (pitch_class + key.shift) % 12
        tones[sounding] = letter, (sounding - _NATURAL[letter] + 6) % 12 - 6
    return tones


def spell_pitch(pitch: int, *, key: Key, chord: Chord | None = None) -> Spelling:
    """A sounding MIDI pitch as written in `key`, over a key-normalised chord or none."""
    tones = spell_chord(chord, key=key) if chord else {}
    step, alter = tones.get(pitch % 12) or spell_class(pitch % 12, key=key)
    if abs(alter) > 2:
        step, alter = spell_class(pitch % 12, key=key)
    return Spelling(step=step, alter=alter, octave=(pitch - alter) // 12 - 1)
