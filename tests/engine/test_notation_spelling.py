"""C sharp or D flat: by the chord, then by the key."""

import pytest

from generator.engine.notation.spelling import Spelling, spell_pitch, spell_root
from generator.engine.plan import Chord, Key, Mode

C_MAJOR, A_MINOR = Key(0, Mode.MAJOR), Key(9, Mode.MINOR)


def name(spelling: Spelling) -> str:
    return spelling.step + {-2: "bb", -1: "b", 0: "", 1: "#", 2: "##"}[spelling.alter] + str(spelling.octave)


@pytest.mark.parametrize(
    ("key", "fifths"),
    [
        (Key(0, Mode.MAJOR), 0),
        (Key(1, Mode.MAJOR), -5),
        (Key(6, Mode.MAJOR), 6),
        (Key(11, Mode.MAJOR), 5),
        (Key(9, Mode.MINOR), 0),
        (Key(3, Mode.MINOR), -6),
        (Key(8, Mode.MINOR), 5),
        (Key(2, Mode.MINOR), -1),
    ],
)
def test_signature_is_the_one_with_fewest_signs(key: Key, fifths: int) -> None:
    assert key.fifths == fifths


@pytest.mark.parametrize(
    ("pitch", "key", "chord", "written"),
    [
        (61, C_MAJOR, Chord(9, "maj"), "C#4"),  # the third of A
        (61, C_MAJOR, Chord(1, "maj"), "Db4"),
        (68, A_MINOR, None, "G#4"),  # the leading note
        (75, A_MINOR, None, "D#5"),  # leads to the fifth
        (70, Key(5, Mode.MAJOR), None, "Bb4"),
        (59, Key(6, Mode.MAJOR), None, "B3"),
        (65, Key(6, Mode.MAJOR), Chord(7, "maj"), "E#4"),  # V of F sharp, normalised to G
        (60, Key(1, Mode.MAJOR), None, "C4"),
        (71, Key(3, Mode.MINOR), None, "Cb5"),  # the sixth step of E flat minor lies in the octave above
    ],
)
def test_notes_are_spelled_as_chord_and_key_ask(pitch: int, key: Key, chord: Chord | None, written: str) -> None:
    spelled = spell_pitch(pitch, key=key, chord=chord)
    assert name(spelled) == written
    assert spelled.pitch == pitch


@pytest.mark.parametrize(
    ("chord", "key", "root"),
    [
        (Chord(8, "dim"), A_MINOR, ("G", 1)),
        (Chord(6, "dim"), C_MAJOR, ("F", 1)),
        (Chord(8, "maj"), C_MAJOR, ("A", -1)),
        (Chord(10, "maj"), C_MAJOR, ("B", -1)),
        (Chord(11, "maj"), Key(5, Mode.MAJOR), ("E", 0)),
    ],
)
def test_chord_roots_stay_near_the_key(chord: Chord, key: Key, root: tuple[str, int]) -> None:
    assert spell_root(chord, key=key) == root


def test_every_pitch_in_every_key_and_chord_keeps_its_sound() -> None:
    chords = [None, *(Chord.from_index(index) for index in range(48))]
    for key in (Key(tonic, mode) for mode in Mode for tonic in range(12)):
        for chord in chords:
            for pitch in range(55, 67):
                assert spell_pitch(pitch, key=key, chord=chord).pitch == pitch
