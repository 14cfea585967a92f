"""The bill of materials: only cleared files, unaltered, each in one split."""

from collections import Counter

import pytest

from generator.engine.corpora.allowlist import (
    SPLITS,
    AllowedFile,
    check_allowed,
    digest_bytes,
    load_allowlist,
    write_allowlist,
)
from generator.engine.corpora.curate import choose_split, name_work
from generator.engine.corpora.duplicates import group_works
from generator.engine.corpora.excerpts import build_plan
from generator.engine.corpora.registry import CORPORA
from generator.engine.errors import CorpusError
from generator.engine.plan import Key, Metre, Mode, Piece
from generator.engine.score import Note, Part

SONG = b"a song"
ALLOWED = AllowedFile(path="groove/a.mid", sha256=digest_bytes(SONG), licence="CC BY 4.0", splits=("train",))
LIST = {"groove": {"groove/a.mid": ALLOWED}}


def test_a_cleared_file_is_allowed():
    assert check_allowed("groove/a.mid", data=SONG, allowlist=LIST) is ALLOWED


def test_a_file_that_nobody_cleared_is_refused():
    with pytest.raises(CorpusError, match=r"groove/b\.mid: not on the allow-list"):
        check_allowed("groove/b.mid", data=SONG, allowlist=LIST)
    with pytest.raises(CorpusError, match="not on the allow-list"):
        check_allowed("music21/essenFolksong/han1.abc", data=SONG, allowlist=load_allowlist())


def test_an_altered_file_is_refused():
    with pytest.raises(CorpusError, match="differs from the file that was cleared"):
        check_allowed("groove/a.mid", data=SONG + b"!", allowlist=LIST)


def test_the_shipped_list_holds_known_corpora_with_digests_splits_and_licences():
    shipped = load_allowlist()
    assert set(shipped) == set(CORPORA)
    for corpus, files in shipped.items():
        assert all(path.startswith(f"{corpus}/") and len(each.sha256) == 64 for path, each in files.items())
        assert {split for each in files.values() for split in each.splits} == set(SPLITS)
        assert {each.licence for each in files.values()} == {CORPORA[corpus].licence}


def test_the_shipped_list_holds_no_music_that_is_not_cleared():
    folders = {path.split("/")[1] for path in load_allowlist()["music21"]}
    assert folders == {"ryansMammoth", "oneills1850"}


def test_the_shipped_splits_are_about_80_10_10():
    for corpus, files in load_allowlist().items():
        counts = Counter(split for each in files.values() for split in each.splits)
        assert 0.74 < counts["train"] / counts.total() < 0.84, corpus


def test_versions_of_one_song_share_a_split():
    files = load_allowlist()["openscore-lieder"]
    versions: dict[str, set[str]] = {}
    for path, each in files.items():
        versions.setdefault(name_work(path, title=""), set()).update(each.splits)
    assert [name for name, splits in versions.items() if len(splits) > 1] == []


def test_the_list_is_written_reproducibly_and_reads_back(tmp_path):
    content = {"groove": {"licence": "CC BY 4.0", "files": {"groove/a.mid": [ALLOWED.sha256, ["train"]]}}}
    write_allowlist(content, path=tmp_path / "one.gz")
    write_allowlist(content, path=tmp_path / "two.gz")
    assert (tmp_path / "one.gz").read_bytes() == (tmp_path / "two.gz").read_bytes()
    assert load_allowlist(tmp_path / "one.gz") == LIST


@pytest.mark.parametrize(
    ("path", "title", "name"),
    [
        (
            "openscore-lieder/Schubert,_Franz/4_Lieder,_Op.96/4_Fischerweise,_D.881/lc1.mxl",
            "",
            "schubert franz fischerweise",
        ),
        ("openscore-lieder/Fauré,_Gabriel/_/Après_un_rêve_(2nd_version)/lc2.mxl", "", "faure gabriel apres un reve"),
        ("openscore-string-quartets/Beach,_Amy/Quartet/sq1.mxl", "", "beach amy quartet"),
        ("music21/ryansMammoth/AcaciaReel.abc", "Acacia -- Reel", "acacia"),
        ("mutopia-guitar/bwv997-04gigue.mid", "BachJS Lute Suite BWV 997: 4. Gigue", "bwv 997"),
    ],
)
def test_versions_of_a_work_have_one_name(path: str, title: str, name: str):
    assert name_work(path, title=title) == name


def test_splits_are_stable_and_in_proportion():
    counts = Counter(choose_split(f"work {index}") for index in range(2000))
    assert {split: round(counts[split] / 2000, 1) for split in SPLITS} == {"train": 0.8, "validation": 0.1, "test": 0.1}
    assert [choose_split(f"work {index}") for index in range(6)] == [
        choose_split(f"work {index}") for index in range(6)
    ]


def make_work(pitches: list[int]) -> list[Piece]:
    notes = tuple(Note(24 * index, pitch, 24) for index, pitch in enumerate(pitches))
    plan = build_plan(
        style="folk",
        key=Key(tonic=0, mode=Mode.MAJOR),
        metre=Metre(4, 4),
        tempo=90.0,
        length=24 * len(notes),
        notes=notes,
    )
    return [Piece(plan=plan, parts=(Part("violin", "lead", notes),))]


def test_one_tune_under_two_names_and_keys_is_one_group():
    tune = [60, 64, 62, 67, 65, 69, 60, 72, 71, 64, 62, 60, 65, 59, 60, 67]
    other = [60, 59, 57, 64, 62, 60, 65, 60, 55, 57, 67, 65, 64, 60, 69, 60]
    works = [make_work(tune), make_work([pitch + 2 for pitch in tune]), make_work(other)]
    first, second, third = group_works(works, names=["a", "b", "c"])
    assert first == second != third


def test_equal_names_are_one_group_and_no_name_is_none():
    works: list[list[Piece]] = [[], [], [], []]
    first, second, third, fourth = group_works(works, names=["a", "a", "", ""])
    assert first == second
    assert len({first, third, fourth}) == 3
