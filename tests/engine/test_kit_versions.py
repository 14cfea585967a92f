"""Versions of a kit are heard as different ones: of pieces of two, four and eight players as they are composed."""

from itertools import combinations

import pytest
import symusic

from generator.engine.brief import parse_brief
from generator.engine.composing.finishing import find_closing
from generator.engine.composing.piece import compose_piece
from generator.engine.kit.versions import arrange_kit
from generator.engine.midi import write_midi
from generator.engine.plan import Piece, Role

BANDS = {
    2: ("guitar", "cello"),
    4: ("guitar", "flute", "bass", "drums"),
    8: ("piano", "violin", "viola", "cello", "flute", "guitar", "bass", "drums"),
}
STYLES = {2: "classical", 4: "rock", 8: "pop"}
LONG = ("spot-60s", "broadcast-59.5s")
Kit = dict[str, Piece]
Tones = set[tuple[int, str, int]]


@pytest.fixture(scope="module", params=BANDS, ids=lambda players: f"{players} players")
def kit(request: pytest.FixtureRequest) -> Kit:
    """The versions that are arranged to a length, beds apart, and the track of 40 s itself."""
    players = request.param
    asked = {
        "instruments": list(BANDS[players]),
        "style": STYLES[players],
        "seconds": 40,
        "seed": players,
        "tempo": 120,
    }
    track = compose_piece(parse_brief(asked), candidates=1).piece
    return {"track": track} | {version.name: version.piece for version in arrange_kit(track)}


def list_arranged(kit: Kit) -> Kit:
    return {name: piece for name, piece in kit.items() if name not in ("underscore", "voice-over")}


def list_tones(piece: Piece, *, start: int = 0, stop: int | None = None) -> Tones:
    """Onset, instrument and pitch up to the closing chord. Without drums: a beat is a beat."""
    stop = find_closing(piece.plan) if stop is None else stop
    return {
        (note.onset - start, part.instrument, note.pitch)
        for part in piece.parts
        if part.role != Role.RHYTHM
        for note in part.between(start, stop)
    }


def share(one: Tones, other: Tones) -> float:
    return len(one & other) / min(len(one), len(other))


def test_no_two_versions_play_the_same_notes_at_the_same_time(kit: Kit) -> None:
    found = {}
    for (name, one), (beside, other) in combinations(list_arranged(kit).items(), 2):
        until = min(find_closing(piece.plan) or piece.plan.length for piece in (one, other))
        found[name, beside] = share(list_tones(one, stop=until), list_tones(other, stop=until))
    assert len(found) == 10 * 9 / 2
    assert {pair: value for pair, value in found.items() if value > 0.4} == {}


def test_the_sting_is_not_the_end_of_the_shortest_spot(kit: Kit) -> None:
    sting, spot = kit["sting"], kit["spot-6s"]
    ends = [find_closing(piece.plan) for piece in (sting, spot)]
    size = min(ends)
    last = [list_tones(piece, start=end - size, stop=end) for piece, end in zip((sting, spot), ends, strict=True)]
    assert share(*last) <= 2 / 3


def test_a_spot_longer_than_its_track_has_a_form_of_its_own(kit: Kit) -> None:
    """However the two are laid over each other: most of the track does not pass by in it as it was."""
    track = kit["track"]
    size = track.plan.metre.bar_ticks
    for name in LONG:
        spot = kit[name]
        latest = find_closing(spot.plan) - size
        whole = list_tones(track)
        laid = [
            {(onset + bar * size, *tone) for onset, *tone in whole} & list_tones(spot)
            for bar in range(-find_closing(track.plan) // size, latest // size)
        ]
        assert max(map(len, laid)) <= 0.8 * len(whole), name


def test_a_spot_longer_than_its_track_opens_with_another_tune(kit: Kit) -> None:
    tunes = [name for name in name_sections(kit["track"]) if name != "intro"]
    for name in LONG:
        opening = next(each for each in name_sections(kit[name]) if each != "intro")
        assert opening != tunes[0]


def name_sections(piece: Piece) -> list[str]:
    return [section.name for section in piece.plan.sections]


def test_the_sting_is_a_hook_of_the_lead_with_the_whole_band_and_one_last_stroke(kit: Kit) -> None:
    track, sting = kit["track"], kit["sting"]
    size, slot, closing = track.plan.metre.bar_ticks, track.plan.metre.chord_ticks, find_closing(sting.plan)
    tunes = [section.start_bar * size for section in track.plan.sections if section.name not in ("intro", "outro")]
    hook = list_tones(sting, stop=closing - slot)
    start = max(tunes, key=lambda tick: share(hook, list_tones(track, start=tick, stop=tick + closing - slot)))
    assert share(hook, list_tones(track, start=start, stop=start + closing - slot)) > 0.9
    assert sting.lead is not None
    assert sting.lead.between(0, closing - slot)
    assert {part.instrument for part in sting.parts} == {part.instrument for part in track.parts}
    assert all(any(note.onset == closing for note in part.notes) for part in sting.parts)


def test_a_loop_has_neither_an_intro_nor_an_outro(kit: Kit) -> None:
    (loop,) = [piece for name, piece in kit.items() if name.startswith("loop")]
    markers = [marker.text for marker in symusic.Score.from_midi(write_midi(loop)).markers]
    assert markers
    assert not {"intro", "outro"} & {marker.lower() for marker in markers}
