"""The spot kit as scores: exact lengths, the track's own material, no version the beginning of another, cadences."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from generator.engine.audio.checks import check_piece
from generator.engine.composing.codec import encode_piece
from generator.engine.composing.finishing import find_closing
from generator.engine.kit.distinct import begin_alike
from generator.engine.kit.material import Material
from generator.engine.kit.paths import find_path
from generator.engine.kit.versions import Kind, KitPiece, arrange_kit
from generator.engine.originality.fingerprint import make_fingerprint
from generator.engine.originality.likeness import compare
from generator.engine.plan import Metre, Piece, Role
from tests.engine.audio_pieces import make_piece
from tests.engine.kit_pieces import make_song

LENGTHS = {
    "spot-60s": 60.0,
    "spot-30s": 30.0,
    "spot-15s": 15.0,
    "spot-6s": 6.0,
    "broadcast-59.5s": 59.5,
    "broadcast-29.5s": 29.5,
    "broadcast-14.5s": 14.5,
}
SONGS = {
    "band": make_song("piano", "violin", "bass", "drums"),
    "waltz": make_song("piano", "violin", metre=Metre(3, 4), tempo=150.0),
    "slow": make_song("piano", "violin", "bass", "drums", tempo=54.0),
    "piano alone": make_song("piano", tempo=90.0),
    "violin alone": make_song("violin", tempo=132.0),
    "short": make_song("violin", "bass", form=(("A", 4), ("outro", 2))),
}


@pytest.fixture(params=SONGS.values(), ids=SONGS)
def song(request: pytest.FixtureRequest) -> Piece:
    return request.param


def by_name(song: Piece) -> dict[str, KitPiece]:
    return {version.name: version for version in arrange_kit(song)}


def test_every_length_that_media_sell_is_there_and_exact(song: Piece) -> None:
    kit = by_name(song)
    assert {name: round(kit[name].piece.plan.seconds, 9) for name in LENGTHS} == LENGTHS
    assert 2.0 <= kit["sting"].piece.plan.seconds <= 5.0


def test_the_tempo_of_spots_stays_within_three_percent(song: Piece) -> None:
    for version in arrange_kit(song):
        assert abs(version.piece.plan.tempo / song.plan.tempo - 1.0) <= 0.0301, version.name


def test_key_metre_and_style_stay_and_every_note_can_be_played(song: Piece) -> None:
    for version in arrange_kit(song):
        plan = version.piece.plan
        assert (plan.key, plan.metre, plan.style) == (song.plan.key, song.plan.metre, song.plan.style)
        check_piece(version.piece)


def test_no_version_is_the_beginning_of_another_or_of_the_track(song: Piece) -> None:
    pieces = [version.piece for version in arrange_kit(song) if version.kind in (Kind.SPOT, Kind.BROADCAST, Kind.LOOP)]
    for one, other in combinations([song, *pieces], 2):
        assert not begin_alike(one, other), (one.title, other.title)


def test_a_cut_version_would_be_seen() -> None:
    song = SONGS["band"]
    bar = song.plan.metre.bar_ticks
    cut = replace(song.plan, length=10 * bar)
    parts = tuple(replace(part, notes=part.between(0, cut.length)) for part in song.parts)
    assert begin_alike(song, Piece(cut, parts))


def test_spots_end_on_the_cadence_of_the_track_held_by_all(song: Piece) -> None:
    for version in arrange_kit(song):
        if version.kind is Kind.LOOP:
            continue
        piece, closing = version.piece, find_closing(version.piece.plan)
        assert piece.plan.chords[-1] == song.plan.chords[-1]
        assert piece.plan.chord_at(closing - 1) == song.plan.chord_at(find_closing(song.plan) - 1)
        if version.kind in (Kind.SPOT, Kind.BROADCAST):
            ends = {part.instrument: part.end for part in piece.parts}
            assert set(ends.values()) == {piece.plan.length}, (version.name, ends)


def test_a_loop_leads_from_the_dominant_to_its_own_first_bar(song: Piece) -> None:
    (loop,) = [version.piece for version in arrange_kit(song) if version.kind is Kind.LOOP]
    assert loop.plan.bars in (4, 8, 16)
    assert loop.plan.length == loop.plan.bars * song.plan.metre.bar_ticks
    assert (loop.plan.chords[-1].root, loop.plan.chords[0].root) == (7, 0)  # type: ignore[union-attr]
    frames = loop.plan.seconds * np.array([44_100, 48_000])
    assert frames == pytest.approx(np.rint(frames), abs=1e-6)


@pytest.mark.parametrize("form", [(("A", 4), ("outro", 1)), (("A", 5),)], ids=["phrase and outro", "phrase"])
def test_a_track_that_has_the_tonic_only_where_it_begins_has_a_loop_too(form: tuple[tuple[str, int], ...]) -> None:
    """From there a loop would play the track itself."""
    short = make_song("violin", "bass", "piano", form=form, tempo=90.0)
    assert Kind.LOOP in {version.kind for version in arrange_kit(short)}


def test_longer_spots_state_a_tune_after_their_intro_and_those_as_long_as_the_track_another_one() -> None:
    song = SONGS["band"]
    first, second, again = ([play_tune(song, bar=start + bar) for bar in (0, 2, 4, 6)] for start in (2, 10, 18))
    for name in ("spot-60s", "spot-30s", "spot-15s", "broadcast-59.5s", "broadcast-29.5s", "broadcast-14.5s"):
        piece = by_name(song)[name].piece
        opening = piece.plan.sections[0]
        start = opening.bars if opening.name == "intro" else 0
        assert not piece.lead.between(0, start * 96), name  # type: ignore[union-attr]
        allowed = second if name in ("spot-60s", "broadcast-59.5s") else first + second + again
        assert play_tune(piece, bar=start) in allowed, name


def play_tune(piece: Piece, *, bar: int) -> list[int]:
    """The lead's pitches over two bars."""
    assert piece.lead is not None
    return [note.pitch for note in piece.lead.between(bar * 96, (bar + 2) * 96)]


def test_what_a_spot_plays_is_the_track_again() -> None:
    song = SONGS["band"]
    track = make_fingerprint(song)
    for name in ("spot-60s", "spot-30s", "spot-15s"):
        assert compare(make_fingerprint(by_name(song)[name].piece), track).is_too_close, name


def test_the_underscore_has_all_but_the_lead() -> None:
    song = SONGS["band"]
    found = by_name(song)["underscore"].piece
    assert found.parts == tuple(part for part in song.parts if part.role != Role.LEAD)
    assert found.plan == song.plan


def test_a_melody_alone_has_no_underscore_and_leaves_a_voice_its_octave() -> None:
    song = SONGS["violin alone"]
    kit = by_name(song)
    assert "underscore" not in kit
    moved = {note.pitch for note in kit["voice-over"].piece.parts[0].notes}
    assert moved == {note.pitch - 12 for note in song.parts[0].notes}


def test_the_voice_over_mix_opens_the_middle_of_the_chords() -> None:
    song = SONGS["band"]
    piano, thinned = (next(p for p in piece.parts if p.instrument == "piano") for piece in
                      (song, by_name(song)["voice-over"].piece))  # fmt: skip
    speech = range(55 - song.plan.key.shift, 80 - song.plan.key.shift)
    before = sum(note.pitch in speech for note in piano.notes)
    after = sum(note.pitch in speech for note in thinned.notes)
    assert after < 0.6 * before
    assert [n for n in piano.notes if n.pitch not in speech] == [n for n in thinned.notes if n.pitch not in speech]


def test_the_same_score_gives_the_same_kit() -> None:
    first, second = arrange_kit(SONGS["waltz"]), arrange_kit(make_song("piano", "violin", metre=Metre(3, 4), tempo=150))
    assert [encode_piece(v.piece) for v in first] == [encode_piece(v.piece) for v in second]


def test_a_track_of_one_phrase_has_no_kit() -> None:
    assert arrange_kit(make_piece("piano", seconds=2.0)) == ()


def test_a_path_starts_and_ends_where_asked_and_cuts_as_little_as_it_can() -> None:
    material = Material(SONGS["band"])
    assert material.bars == 27
    assert find_path(material, start=2, bars=25) == tuple(range(2, 27))
    for bars in (1, 2, 5, 9, 14, 40, 80):
        path = find_path(material, start=2, bars=bars)
        assert len(path) == bars
        assert path[-1] == 26
        if bars > 1:
            assert path[0] == 2
    cuts = [
        place for place in range(1, 14) if (path := find_path(material, start=2, bars=14))[place] != path[place - 1] + 1
    ]
    assert len(cuts) == 1
