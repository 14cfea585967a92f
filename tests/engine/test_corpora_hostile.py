"""Corpora that are half readable or hostile: each bad file is refused and named, the good ones are read."""

import struct
import time
from pathlib import Path

import pytest

from generator.engine.corpora.reading import MAXIMUM_BYTES
from generator.engine.errors import CorpusError
from generator.engine.midi import MAXIMUM_NOTES, read_midi
from tests.engine.test_corpora_reading import LOUD, SOFT, Shelf, drum_file


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def midi_file(body: bytes) -> bytes:
    track = body + bytes.fromhex("00ff2f00")
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, 480) + b"MTrk" + struct.pack(">I", len(track)) + track


def million_notes() -> bytes:
    """Of three bytes for each event, by running status."""
    return midi_file(bytes.fromhex("00903c50") + bytes.fromhex("013c00013c50") * 1_000_000)


def test_of_a_half_readable_folder_the_rest_is_read(shelf: Shelf) -> None:
    shelf.put(SOFT, drum_file(velocity=40))
    shelf.put(LOUD, drum_file(velocity=110))
    gone = shelf.root / "groove/d/3_rock_120_beat_4-4.mid"
    gone.symlink_to(shelf.root / "nowhere.mid")
    (shelf.root / "groove/d/4_rock_120_beat_4-4.mid").mkdir()
    reading = shelf.read("groove")
    assert [each.path for each in reading.pieces] == [SOFT, LOUD]
    assert [(refusal.path[-21:], refusal.reason) for refusal in reading.refusals] == [
        ("3_rock_120_beat_4-4.mid"[-21:], "cannot be read: No such file or directory."),
        ("4_rock_120_beat_4-4.mid"[-21:], "cannot be read: Is a directory."),
    ]


def test_a_file_of_gigabytes_is_refused_without_being_read(shelf: Shelf) -> None:
    shelf.put(SOFT, drum_file(velocity=40))
    huge = shelf.root / LOUD
    with huge.open("wb") as file:
        file.truncate(20 * 10**9)  # sparse: it takes no room on the disk
    began = time.process_time()
    (refusal,) = shelf.read("groove").refusals
    assert refusal.reason == f"20000000000 bytes: at most {MAXIMUM_BYTES} are read."
    assert time.process_time() - began < 5


def test_a_million_notes_are_refused_in_bounded_time() -> None:
    began = time.process_time()
    with pytest.raises(CorpusError, match=f"1000000 notes: above .* and {MAXIMUM_NOTES} notes"):
        read_midi(million_notes())
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (midi_file(bytes.fromhex("00903c50") + bytes.fromhex("ffffff7f3c00ffffff7f3c50") * 50), "above"),
        (b"RIFF" + bytes(100), "does not begin with MThd"),
        (million_notes(), "above"),
    ],
    ids=["endless deltas", "wrong header", "a million notes"],
)
def test_a_hostile_file_that_was_cleared_by_mistake_is_named_and_nothing_of_it_is_kept(
    data: bytes, reason: str, shelf: Shelf
) -> None:
    shelf.put(SOFT, drum_file(velocity=40))
    shelf.put(LOUD, data)
    reading = shelf.read("groove")
    assert [each.path for each in reading.pieces] == [SOFT]
    assert [(refusal.path, reason in refusal.reason) for refusal in reading.refusals] == [(LOUD, True)]
    assert len([path for path in shelf.cache.rglob("*") if path.is_file()]) == 1


def test_a_damaged_cached_reading_is_named_with_the_remedy(shelf: Shelf) -> None:
    shelf.put(SOFT, drum_file(velocity=40))
    shelf.read("groove")
    (stored,) = (path for path in shelf.cache.rglob("*") if path.is_file())
    stored.write_bytes(stored.read_bytes()[:100])
    with pytest.raises(CorpusError, match=r"this cached reading is damaged .* Delete it and start again"):
        shelf.read("groove")
