"""The sounds to choose from: each is in the font, heard on every pitch, in tune, and reaches sound and MIDI."""

from dataclasses import replace

import numpy as np
import pytest

from generator.engine.audio.font import find_preset, load_font
from generator.engine.audio.manner import find_manner
from generator.engine.audio.performance import PlayedNote
from generator.engine.audio.player import play_notes
from generator.engine.audio.rendering import make_sound
from generator.engine.audio.synthesis import render_parts
from generator.engine.brief import InvalidBriefs, parse_brief
from generator.engine.composing.assembling import assemble
from generator.engine.composing.codec import decode_piece, encode_piece
from generator.engine.errors import RenderError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.midi import read_midi, write_midi
from generator.engine.plan import Piece, Role
from generator.engine.sounds import SOUNDS, choose_sound, find_sound, voice_instrument
from generator.engine.styles import STYLES
from tests.engine.audio_pieces import make_piece
from tests.engine.test_audio_synthesis import RATE, _decibels, _measure_cents

ALL = [(slug, sound.slug) for slug, sounds in SOUNDS.items() for sound in sounds]
PITCHED = [(slug, sound) for slug, sound in ALL if slug != "drums"]


def play(slug: str, sound: str, *, pitch: int, seconds: float) -> np.ndarray:
    instrument = voice_instrument(slug, sound)
    tuning = find_manner(instrument, role=Role.HARMONY).tuning
    note = PlayedNote(start=0.0, pitch=pitch, stop=seconds * 0.75, velocity=100)
    return play_notes([note], instrument, frames=round(seconds * RATE), sample_rate=RATE, tuning=tuning)


def with_sound(piece: Piece, sound: str) -> Piece:
    return replace(piece, parts=tuple(replace(part, sound=sound) for part in piece.parts))


def test_every_instrument_has_several_sounds_and_the_first_is_its_own() -> None:
    assert set(SOUNDS) == set(INSTRUMENTS)
    for slug, sounds in SOUNDS.items():
        assert len(sounds) >= 2
        assert sounds[0].program == INSTRUMENTS[slug].program


@pytest.mark.parametrize(("slug", "sound"), ALL)
def test_every_sound_is_in_the_font_and_heard_on_every_pitch(slug: str, sound: str) -> None:
    assert find_preset(load_font(), voice_instrument(slug, sound)) >= 0
    for pitch in range(INSTRUMENTS[slug].lowest, INSTRUMENTS[slug].highest + 1):
        heard = play(slug, sound, pitch=pitch, seconds=0.3)
        assert _decibels(float(np.abs(heard).max())) > -30, pitch
        assert float(np.abs(heard).max()) < 1.0, pitch


@pytest.mark.parametrize(("slug", "sound"), PITCHED)
def test_every_sound_is_in_tune_within_five_cents(slug: str, sound: str) -> None:
    pitch = 69 if INSTRUMENTS[slug].highest >= 69 else 57
    heard = play(slug, sound, pitch=pitch, seconds=2.0)
    assert _measure_cents(heard, expected=440.0 * 2 ** ((pitch - 69) / 12)) == pytest.approx(0.0, abs=5.0)


def test_another_sound_changes_what_is_heard_and_the_midi_program() -> None:
    grand = make_piece("piano", seconds=2.0)
    electric = with_sound(grand, "electric")
    assert not np.array_equal(make_sound(grand).master.audio, make_sound(electric).master.audio)
    assert [read_midi(write_midi(piece)).tracks[0].program for piece in (grand, electric)] == [0, 4]


def test_the_sound_is_part_of_the_record_and_old_records_are_read() -> None:
    piece = with_sound(make_piece("piano", seconds=2.0), "electric")
    assert decode_piece(encode_piece(piece)) == piece
    assert "sound" not in encode_piece(make_piece("piano", seconds=2.0))["parts"][0]


def test_an_unknown_sound_is_refused_by_name_with_what_there_is() -> None:
    with pytest.raises(RenderError, match=r"sound: piano has no sound 'kazoo'. Choose one of grand, bright, electric"):
        make_sound(with_sound(make_piece("piano", seconds=2.0), "kazoo"))
    assert find_sound("piano", "kazoo") is None


def test_every_style_is_played_with_sounds_that_exist() -> None:
    for style in STYLES:
        for slug in INSTRUMENTS:
            assert find_sound(slug, choose_sound(style, instrument=slug)) is not None
    assert choose_sound("jazz", instrument="bass") == "upright"
    assert choose_sound("classical", instrument="guitar") == "nylon"


def test_a_brief_chooses_sounds_and_the_piece_keeps_them() -> None:
    for value in ({"piano": "Electric", "violin": "section"}, "violin=section piano=electric"):
        brief = parse_brief({"instruments": "piano,violin", "seconds": 10, "style": "jazz", "seed": 1, "sounds": value})
        assert brief.sounds == (("piano", "electric"), ("violin", "section"))
        assert parse_brief(brief.to_json()) == brief
    song = make_piece("piano", "violin", "bass", seconds=10.0)
    piece = assemble(brief, song.plan, song.parts)
    assert [(part.instrument, part.sound) for part in piece.parts] == [
        ("piano", "electric"),
        ("violin", "section"),
        ("bass", "upright"),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"kazoo": "loud"}, r"sounds: 'kazoo' is not possible. Name sounds .* Allowed: piano, epiano"),
        ({"piano": "kazoo"}, r"sounds: 'piano=kazoo' is not possible. .* Allowed: grand, bright, electric, organ"),
        ("piano", r"sounds: 'piano=' is not possible"),
        ({"piano": 4}, r"sounds: .* is not possible. Name sounds"),
        (7, r"sounds: 7 is not possible. Name sounds"),
    ],
)
def test_a_sound_that_is_not_there_is_refused_with_what_is(value: object, message: str) -> None:
    with pytest.raises(InvalidBriefs, match=message):
        parse_brief({"instruments": "piano", "seconds": 10, "seed": 1, "sounds": value})


@pytest.mark.parametrize(("slug", "sound"), ALL)
def test_no_sound_loses_much_where_both_channels_are_heard_as_one(slug: str, sound: str) -> None:
    piece = with_sound(make_piece(slug, seconds=2.0), sound)
    stem = render_parts(piece, sample_rate=RATE)[slug]
    in_stereo, in_mono = np.square(stem).mean(), np.square(stem.mean(axis=1)).mean()
    assert 10 * np.log10(in_mono / in_stereo) > -2.0
