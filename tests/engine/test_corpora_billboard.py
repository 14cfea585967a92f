"""Billboard annotations: chords folded, sections named, keys normalised."""

import pytest

from generator.engine.corpora.billboard import read_billboard
from generator.engine.errors import CorpusError
from generator.engine.plan import Chord, Mode, Piece

HEAD = "# title: Song\n# artist: Singer\n# metre: {metre}\n# tonic: {tonic}\n\n0.0\tsilence\n"
PATH = "mcgill-billboard/0001/salami_chords.txt"


def read_song(*lines: str, metre: str = "4/4", tonic: str = "D") -> Piece:
    body = "".join(f"{4.0 * index}\t{line}\n" for index, line in enumerate(lines))
    return read_billboard((HEAD.format(metre=metre, tonic=tonic) + body + "99.0\tend\n").encode(), path=PATH)


FOUR = "| D:maj | G:maj | A:7 | D:maj |"


def test_chords_are_normalised_one_per_slot():
    piece = read_song("A, verse, " + FOUR, FOUR)
    tonic, four, five = Chord(0, "maj"), Chord(5, "maj"), Chord(7, "dom7")
    assert piece.plan.chords == (tonic, tonic, four, four, five, five, tonic, tonic) * 2
    assert (str(piece.plan.key), piece.plan.bars, piece.parts) == ("D major", 8, ())


@pytest.mark.parametrize(
    ("symbol", "chord"),
    [
        ("D:maj7/3", Chord(0, "maj")),
        ("D:min9", Chord(0, "min")),
        ("D:9(13)", Chord(0, "dom7")),
        ("D:sus4(b7,9)", Chord(0, "dom7")),
        ("D:hdim7", Chord(0, "dim")),
        ("D:5", Chord(0, "maj")),
        ("Eb:maj", Chord(1, "maj")),
        ("C#:min7", Chord(11, "min")),
        ("N", None),
        ("&pause", None),
    ],
)
def test_rich_chords_fold_into_four_qualities(symbol: str, chord: Chord | None):
    assert read_song(FOUR, f"| {symbol} | {symbol} | D:maj | D:maj |").plan.chords[8] == chord


def test_a_bar_shares_its_length_among_its_chords_and_dots_hold():
    plan = read_song(FOUR, "| D:maj G:maj | D:maj . . A:maj | (2/4) G:maj | D:maj G:maj A:maj D:maj |").plan
    roots = [chord.root for chord in plan.chords[8:] if chord]
    assert roots == [0, 5, 0, 0, 5, 5, 0, 7]


def test_a_minor_tonic_stands_in_a():
    piece = read_song("| B:min | G:maj | E:min | F#:7 |", "| B:min | B:min | B:min | B:min |", tonic="B")
    assert piece.plan.key.mode is Mode.MINOR
    assert [chord.root for chord in piece.plan.chords[:8:2] if chord] == [9, 5, 2, 4]


def test_sections_have_our_names():
    piece = read_song(
        "A, intro, " + FOUR, "B, verse, " + FOUR, FOUR, "C, chorus, " + FOUR, "D, solo, " + FOUR + ", (guitar)"
    )
    assert [(section.name, section.start_bar, section.bars) for section in piece.plan.sections] == [
        ("intro", 0, 4),
        ("A", 4, 8),
        ("B", 12, 4),
        ("bridge", 16, 4),
    ]


def test_repeats_are_counted_and_tempo_is_measured():
    piece = read_song(FOUR, FOUR + " x2", FOUR)
    assert piece.plan.bars == 16
    assert read_song(FOUR, FOUR, FOUR).plan.tempo == 240.0


def test_only_the_passage_before_a_change_of_metre_counts():
    assert read_song(FOUR, FOUR + "\n# metre: 3/4", FOUR).plan.bars == 8


@pytest.mark.parametrize(
    ("metre", "lines", "reason"), [("7/4", [FOUR, FOUR], "Metre '7/4'"), ("4/4", [FOUR], "4 bars of chords")]
)
def test_what_plans_cannot_hold_is_refused(metre: str, lines: list[str], reason: str):
    with pytest.raises(CorpusError, match=reason):
        read_song(*lines, metre=metre)


def test_a_file_without_its_header_is_refused():
    with pytest.raises(CorpusError, match="no metre"):
        read_billboard(b"nothing", path=PATH)
