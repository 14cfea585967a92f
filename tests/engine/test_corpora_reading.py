"""Reading a corpus from disk: refusals with reasons, a cache that is trusted, energies over the whole corpus."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from generator.engine.corpora.allowlist import digest_bytes, write_allowlist
from generator.engine.corpora.excerpts import build_plan
from generator.engine.corpora.reading import CorpusReading, read_corpus
from generator.engine.corpora.store import read_works, write_works
from generator.engine.corpora.views import training_views
from generator.engine.errors import CorpusError
from generator.engine.midi import write_midi
from generator.engine.plan import Key, Metre, Mode, Piece, Role, Section
from generator.engine.score import Note, Part
from tests.engine.sheet import LYRIC, attributes, note, score


def drum_file(*, velocity: int, bars: int = 4) -> bytes:
    strokes = tuple(Note(24 * index, 36 if index % 2 else 38, 6, velocity) for index in range(4 * bars))
    plan = build_plan(
        style="rock", key=Key(tonic=0, mode=Mode.MAJOR), metre=Metre(4, 4), tempo=120.0, length=96 * bars, notes=()
    )
    return write_midi(Piece(plan=plan, parts=(Part("drums", "rhythm", strokes),)))


class Shelf:
    """A folder of corpora with its allow-list."""

    def __init__(self, folder: Path) -> None:
        self.root, self.cache, self.allowlist = folder / "corpora", folder / "cache", folder / "allowlist.json.gz"
        self.content: dict[str, dict] = {}
        write_allowlist({}, path=self.allowlist)

    def put(self, path: str, data: bytes, *, split: str | None = "train") -> Path:
        """Write a file; clear it for training unless its split is None."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        corpus = path.split("/")[0]
        if split is not None:
            listed = self.content.setdefault(corpus, {"licence": "CC BY 4.0", "files": {}})
            listed["files"][path] = [digest_bytes(data), [split]]
            self.allowlist = self.allowlist.with_name(f"allowlist-{len(listed['files'])}-{corpus}.json.gz")
            write_allowlist(self.content, path=self.allowlist)
        return file

    def read(self, name: str, *, workers: int = 1) -> CorpusReading:
        options = {"cache": self.cache, "progress": False, "allowlist": self.allowlist}
        return read_corpus(name, root=self.root, workers=workers, **options)


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    return Shelf(tmp_path)


SOFT, LOUD = "groove/d/1_rock_120_beat_4-4.mid", "groove/d/2_rock_120_beat_4-4.mid"


def test_cleared_files_are_read_with_provenance_and_the_rest_is_refused_with_reasons(shelf):
    shelf.put(SOFT, drum_file(velocity=40), split="test")
    shelf.put("groove/d/3_rock_120_beat_4-4.mid", drum_file(velocity=90), split=None)
    shelf.put("groove/d/4_rock_120_beat_4-4.mid", drum_file(velocity=91)).write_bytes(b"altered")
    shelf.put("groove/d/5_rock_120_beat_4-4.mid", b"MThd, or so it says")
    shelf.put("groove/d/6_rock_120_fill_4-4.mid", drum_file(velocity=92, bars=1))
    reading = shelf.read("groove")
    assert [(each.path, each.split, each.licence) for each in reading.pieces] == [(SOFT, "test", "CC BY 4.0")]
    assert [refusal.reason.split(":")[0].split(";")[0] for refusal in reading.refusals] == [
        "not on the allow-list",
        "differs from the file that was cleared",
        "Damaged MIDI file",
        "no four bars in a row of one regular metre and key signature.",
    ]
    assert "test           1 works      1 excerpts       4 bars       16 notes" in reading.describe()


def test_energies_rank_every_bar_against_the_whole_corpus(shelf):
    shelf.put(SOFT, drum_file(velocity=40))
    shelf.put(LOUD, drum_file(velocity=110))
    soft, loud = (each.piece.plan for each in shelf.read("groove").pieces)
    assert (soft.energies, loud.energies) == ((0.25,) * 4, (0.75,) * 4)
    assert (soft.sections[0].energy, loud.sections[0].energy) == (0.25, 0.75)


def test_a_second_reading_comes_from_the_cache_and_is_the_same(shelf):
    shelf.put(SOFT, drum_file(velocity=40))
    first = shelf.read("groove")
    stored = list(shelf.cache.rglob("*"))
    before = [path.stat().st_mtime_ns for path in stored]
    assert shelf.read("groove") == first
    assert [path.stat().st_mtime_ns for path in stored] == before
    assert len([path for path in stored if path.is_file()]) == 1


def test_worker_processes_read_the_same(shelf):
    shelf.put(SOFT, drum_file(velocity=40))
    shelf.put(LOUD, drum_file(velocity=110))
    assert shelf.read("groove", workers=2) == shelf.read("groove")


def test_a_cache_without_its_source_cannot_bypass_the_allow_list(shelf):
    file = shelf.put(SOFT, drum_file(velocity=40))
    shelf.read("groove")
    file.write_bytes(b"something else")
    assert shelf.read("groove").pieces == ()


def test_unknown_missing_and_empty_corpora_are_refused_with_the_remedy(shelf):
    with pytest.raises(CorpusError, match=r"'essen' is unknown. Choose one of: openscore-lieder"):
        shelf.read("essen")
    with pytest.raises(CorpusError, match=r"groove: no such folder\. Point --root"):
        shelf.read("groove")
    (shelf.root / "groove").mkdir(parents=True)
    with pytest.raises(CorpusError, match=r"no files like \*\*/\*.mid"):
        shelf.read("groove")


def test_stored_works_read_back_as_they_were(tmp_path):
    notes = (Note(0, 60, 24, 80, -7), Note(24, 64, 24, 90))
    plan = build_plan(
        style="classical", key=Key(tonic=2, mode=Mode.MINOR), metre=Metre(6, 8), tempo=66.5, length=144, notes=notes
    )
    plan = replace(plan, sections=(Section("intro", 0, 1, 0.0), Section("A", 1, 1, 0.0)))
    piece = Piece(plan=plan, parts=(Part("violin", "lead", notes), Part("cello", "bass", ())), title="Ä", source="x/y")
    write_works([[piece], []], path=tmp_path / "a.npz")
    assert read_works(tmp_path / "a.npz") == [[piece], []]
    assert [path.name for path in tmp_path.iterdir()] == ["a.npz"]


def song_file() -> bytes:
    melody = note("E5", 1, extra=LYRIC) + note("D5", 1) + note("C5", 1) + note("D5", 1)
    chords = note("C2", 4) + "<backup><duration>4</duration></backup>" + note("C4", 2) + note("G3", 2)
    staves = attributes(extra="<staves>2</staves>")
    return score({"Voice": [attributes() + melody] + [melody] * 7, "Piano": [staves + chords] + [chords] * 7})


def test_piano_learns_to_accompany_the_voice_and_to_play_alone(shelf):
    shelf.put("openscore-lieder/a/b/c/lc1.mxl", song_file(), split="validation")
    options = {"cache": shelf.cache, "progress": False, "allowlist": shelf.allowlist, "workers": 1}
    harmony, solo = training_views("piano", root=shelf.root, **options)
    assert (harmony.role, harmony.target.instrument, harmony.split) == (Role.HARMONY, "piano", "validation")
    assert harmony.lead is not None
    assert [note.pitch for note in harmony.lead.notes[:4]] == [76, 74, 72, 74]
    assert len(harmony.target.notes) == 24
    assert (solo.role, solo.lead, len(solo.target.notes)) == (Role.LEAD, None, 56)


def test_drums_learn_the_rhythm_and_unknown_instruments_are_refused(shelf):
    shelf.put(SOFT, drum_file(velocity=40))
    options = {"cache": shelf.cache, "progress": False, "allowlist": shelf.allowlist, "workers": 1}
    view, *remade = training_views("drums", root=shelf.root, **options)
    assert [str(each.plan.metre) for each in remade] == ["6/8"]  # twelve strokes in 3/4 are too few
    assert (view.role, view.style, view.source, len(view.target.notes)) == (Role.RHYTHM, "rock", SOFT, 16)
    with pytest.raises(CorpusError, match=r"'kazoo' has no training views\. Choose one of: piano, epiano"):
        training_views("kazoo", root=shelf.root, **options)


def test_the_command_says_what_is_missing(tmp_path):
    command = [sys.executable, "-m", "generator.engine.corpora", "--root", str(tmp_path), "--corpus", "groove"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == f"{tmp_path / 'groove'}: no such folder. Point --root at the folder that holds 'groove'.\n"
