"""Closes: which chords end a piece, and which must come before them."""

from generator.engine.plan import Chord, Mode

_APPROACHES = {
    ("V-I", Mode.MAJOR): Chord(7, "maj"),
    ("V-I", Mode.MINOR): Chord(4, "maj"),
    ("IV-I", Mode.MAJOR): Chord(5, "maj"),
    ("IV-I", Mode.MINOR): Chord(2, "min"),
    ("bVII-I", Mode.MAJOR): Chord(10, "maj"),
    ("bVII-I", Mode.MINOR): Chord(7, "maj"),
}


def find_tonic(mode: Mode) -> Chord:
    """C major or A minor: plans are key-normalised."""
    return Chord(0, "maj") if mode is Mode.MAJOR else Chord(9, "min")


def find_approach(cadence: str, *, mode: Mode, with_seventh: bool) -> Chord:
    """The chord before the last one. A dominant may carry its seventh."""
    chord = _APPROACHES[cadence, mode]
    return Chord(chord.root, "dom7") if with_seventh and cadence == "V-I" else chord
