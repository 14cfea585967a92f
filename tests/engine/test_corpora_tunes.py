"""Fiddle tunes in ABC."""

import pytest

from generator.engine.corpora.tunes import read_tunes
from generator.engine.errors import CorpusError

REEL = "X:1\nT:Try -- Reel\nM:2/4\nL:1/16\nR:reel\nK:G\nG2|A2B2 c2d2|(3efg f2 {a}e2-e2|\n"
BROKEN = "X:2\nT:Broken\nM:banana\nL:1/16\nK:G\n[[[|\n"


def test_a_tune_is_a_leading_violin_with_its_bars():
    (tune,) = read_tunes(REEL.encode())
    voice = tune.voices[0]
    assert (tune.title, tune.style, voice.instrument, voice.role) == ("Try -- Reel", "folk", "violin", "lead")
    assert [(bar.start, bar.length, bar.metre, bar.fifths) for bar in tune.bars] == [
        (0, 12, (2, 4), 1),
        (12, 48, (2, 4), 1),
        (60, 48, (2, 4), 1),
    ]
    assert tune.tempos == ((0, 100.0),)


def test_ties_join_triplets_are_exact_graces_are_dropped_and_sharps_apply():
    notes = read_tunes(REEL.encode())[0].voices[0].notes
    assert [(note.onset, note.pitch, note.duration) for note in notes] == [
        (0, 67, 12),
        (12, 69, 12),
        (24, 71, 12),
        (36, 72, 12),
        (48, 74, 12),
        (60, 76, 4),
        (64, 78, 4),
        (68, 79, 4),
        (72, 78, 12),
        (84, 76, 24),
    ]


def test_bar_lines_are_played_with_weight():
    notes = read_tunes(REEL.encode())[0].voices[0].notes
    assert [note.velocity for note in notes[:4]] == [90, 90, 80, 80]


def test_a_broken_tune_comes_out_empty_and_numbers_stay():
    tunes = read_tunes((REEL + "\n" + BROKEN + "\n" + REEL.replace("X:1", "X:3")).encode())
    assert [len(tune.voices[0].notes) > 0 for tune in tunes] == [True, False, True]


def test_a_file_without_tunes_is_refused():
    with pytest.raises(CorpusError, match="No ABC tune"):
        read_tunes(b"hello")
