"""Keys as people write them and as notes imply them."""

import pytest

from generator.engine.errors import InvalidBriefError
from generator.engine.plan import Key, Mode
from generator.engine.score import Note
from generator.engine.theory.keys import ALLOWED_KEYS, estimate_key, key_of_signature, parse_key

MAJOR, MINOR = Mode.MAJOR, Mode.MINOR


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("C", Key(0, MAJOR)),
        ("Bb major", Key(10, MAJOR)),
        ("F# minor", Key(6, MINOR)),
        ("d minor", Key(2, MINOR)),
        ("D# min", Key(3, MINOR)),
        ("Gb major", Key(6, MAJOR)),
        ("Cb major", Key(11, MAJOR)),
        ("E♭ minor", Key(3, MINOR)),
        ("  a-minor ", Key(9, MINOR)),
        ("Am", Key(9, MINOR)),
        ("AM", Key(9, MAJOR)),
    ],
)
def test_keys_are_read_as_people_write_them(text: str, key: Key):
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "H major", "C dorian", "major", "C major minor", "12", "Cx"])
def test_other_words_are_refused_with_every_allowed_key(text: str):
    with pytest.raises(InvalidBriefError) as refusal:
        parse_key(text)
    assert refusal.value.field == "key"
    assert refusal.value.allowed == ALLOWED_KEYS
    assert "Db major" in str(refusal.value)


def test_every_allowed_key_reads_back_as_itself():
    assert len(set(ALLOWED_KEYS)) == 24
    assert [str(parse_key(text)) for text in ALLOWED_KEYS] == list(ALLOWED_KEYS)


def line(*pitches: int) -> list[Note]:
    return [Note(onset=24 * index, pitch=pitch, duration=24) for index, pitch in enumerate(pitches)]


def test_a_scale_up_and_home_is_in_its_key():
    assert estimate_key(line(62, 64, 66, 67, 69, 71, 73, 74, 69, 66, 62)) == Key(2, MAJOR)


def test_a_harmonic_minor_line_is_in_its_key():
    assert estimate_key(line(67, 69, 70, 72, 74, 75, 78, 79, 74, 70, 67)) == Key(7, MINOR)


def test_the_signature_decides_where_notes_leave_it_open():
    fifth = line(60, 67, 60, 67, 60)
    assert estimate_key(fifth, fifths=-3) == Key(0, MINOR)
    assert estimate_key(fifth, fifths=0) == Key(0, MAJOR)


def test_clear_notes_overrule_a_wrong_signature():
    assert estimate_key(line(66, 68, 70, 71, 73, 75, 77, 78, 73, 70, 66), fifths=0) == Key(6, MAJOR)


def test_silence_is_in_the_major_key_of_its_signature():
    assert estimate_key([], fifths=-2) == Key(10, MAJOR)
    assert key_of_signature(-2, mode=MINOR) == Key(7, MINOR)
