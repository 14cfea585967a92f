"""The index of what was trained on: it names the work, the bar and the pitch, and gives nothing else away."""

from pathlib import Path

import pytest

from generator.engine.originality.corpus_index import (
    INDEX_PATH,
    MAGIC,
    CorpusIndex,
    Entry,
    IndexFileError,
    open_index,
    write_index,
)
from generator.engine.originality.lines import Line
from generator.engine.originality.passages import PASSAGE_NOTES, PASSAGE_STROKES, hash_drums, hash_melody
from generator.engine.originality.works import Work, write_works

BANKS_OF_THE_ILEN: Line = (
    (72, 69), (84, 67), (96, 66), (108, 62), (120, 66), (132, 69), (144, 74), (168, 78), (180, 76), (192, 74),
    (216, 78), (228, 74), (240, 76), (252, 73), (264, 69), (276, 67), (288, 66),
)  # fmt: skip
"""O'Neill, Music of Ireland, in D: a pickup and two bars of eighths."""

TUNE: Line = tuple((24 * place, pitch) for place, pitch in enumerate((60, 62, 65, 64, 69, 67, 60, 71, 72, 65, 62, 60)))


def change(line: Line, *, place: int) -> Line:
    return tuple((onset, pitch + 5 * (index == place)) for index, (onset, pitch) in enumerate(line))


@pytest.fixture
def make_index(tmp_path: Path):
    def make(*lines: Line) -> CorpusIndex:
        entries = [
            Entry(passage=passage, work=work, bar=onset // 96 + 1, pitch=pitch)
            for work, line in enumerate(lines)
            for (onset, pitch), passage in zip(line, hash_melody(line).tolist(), strict=False)
        ]
        works = [Work(title=f"Work {n}", composer="", source="", licence="", bar_ticks=96) for n in range(len(lines))]
        write_index(entries, path=tmp_path / "some.idx")
        write_works(works, path=tmp_path / "works.json.gz")
        return CorpusIndex(tmp_path / "some.idx", works=tmp_path / "works.json.gz")

    return make


@pytest.mark.parametrize(
    "vary",
    [
        pytest.param(lambda line: tuple((onset, pitch + 7) for onset, pitch in line), id="in another key"),
        pytest.param(lambda line: tuple((onset * 2, pitch) for onset, pitch in line), id="in longer notes"),
        pytest.param(lambda line: tuple((onset + 480, pitch - 12) for onset, pitch in line), id="later and lower"),
    ],
)
def test_passages_are_the_same_in_every_key_and_note_value(vary) -> None:
    assert hash_melody(vary(TUNE)).tolist() == hash_melody(TUNE).tolist()


def test_a_changed_note_changes_every_passage_that_it_stands_in_and_no_other() -> None:
    before, after = hash_melody(TUNE).tolist(), hash_melody(change(TUNE, place=6)).tolist()
    assert [place for place in range(len(before)) if before[place] != after[place]] == [1, 2, 3, 4, 5, 6]


def test_a_line_shorter_than_a_passage_has_none() -> None:
    assert len(hash_melody(TUNE[: PASSAGE_NOTES - 1])) == len(hash_melody(())) == 0
    assert len(hash_drums(TUNE[: PASSAGE_STROKES - 1])) == len(hash_drums(())) == 0


def test_drums_moved_to_other_keys_are_other_drums() -> None:
    assert hash_drums(TUNE).tolist() == hash_drums(tuple((onset * 2, key) for onset, key in TUNE)).tolist()
    assert hash_drums(TUNE)[0] != hash_drums(tuple((onset, key + 1) for onset, key in TUNE))[0]


def test_a_match_says_how_long_it_is_where_it_stands_and_at_which_pitch(make_index) -> None:
    index = make_index(TUNE[:3], TUNE)
    borrowed = ((0, 40), (12, 41), *((onset // 2 + 24, pitch - 9) for onset, pitch in TUNE[4:]), (200, 80))
    (match,) = index.match_melody(borrowed, most=5)
    assert (match.work, match.first, match.notes) == (1, 2, 8)
    assert match.ticks == 7 * 12 + 24  # the last note lasts until the next one begins, a quarter at most
    assert (match.bar, match.pitch) == (2, 69)
    assert str(index.works[match.work]) == "“Work 1”"


def test_the_longest_match_comes_first_and_one_work_comes_once(make_index) -> None:
    index = make_index(TUNE[:8], TUNE)
    twice = TUNE + tuple((onset + 500, pitch) for onset, pitch in TUNE)
    assert [(match.work, match.notes) for match in index.match_melody(twice, most=5)] == [(1, 12), (0, 8)]
    assert [match.work for match in index.match_melody(twice)] == [1]


def test_a_stretch_ends_at_the_note_that_differs(make_index) -> None:
    (match,) = make_index(TUNE).match_melody(change(TUNE, place=8), most=1)
    assert (match.first, match.notes) == (0, 8)


def test_a_stranger_matches_nothing(make_index) -> None:
    assert make_index(TUNE).match_melody(tuple((onset, pitch * 2 % 61) for onset, pitch in TUNE)) == []


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-2], id="cut short"),
        pytest.param(lambda data: data + b"\0\0", id="too long"),
        pytest.param(lambda data: b"PK" + data[2:], id="another kind of file"),
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: MAGIC, id="the name alone"),
    ],
)
def test_a_damaged_index_is_refused_with_its_path_and_the_remedy(damage, tmp_path) -> None:
    path = tmp_path / "damaged.idx"
    write_index([Entry(passage=1 << 40, work=0, bar=1, pitch=60)], path=path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(IndexFileError, match=r"damaged\.idx.*[Rr]estore it, or build it again"):
        CorpusIndex(path)


def test_the_same_entries_in_another_order_give_the_same_bytes(tmp_path) -> None:
    entries = [Entry(passage=number * 7**20 % 2**64, work=number % 3, bar=number, pitch=60) for number in range(1, 50)]
    write_index(entries, path=tmp_path / "a")
    write_index(reversed(entries), path=tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_shipped_index_knows_a_tune_that_was_trained_on_in_whatever_key() -> None:
    index = open_index()
    (match,) = index.match_melody(tuple((onset, pitch - 4) for onset, pitch in BANKS_OF_THE_ILEN))
    work = index.works[match.work]
    assert work.title.endswith("Banks of the Ilen")
    assert work.source.startswith("music21/oneills1850/")
    assert work.licence
    assert (match.first, match.notes, match.bar, match.pitch) == (0, len(BANKS_OF_THE_ILEN), 1, 69)


def test_the_shipped_index_is_under_eight_megabytes() -> None:
    assert INDEX_PATH.stat().st_size < 8_000_000
