"""The score as MusicXML, read back by music21."""

import warnings
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree as ET

import music21
import pytest

from generator.engine.instruments import INSTRUMENTS
from generator.engine.notation.drumset import DRUMSET
from generator.engine.notation.musicxml import write_musicxml
from generator.engine.plan import Key, Metre, Mode, Piece, Plan, Role
from generator.engine.score import Note, Part
from tests.engine.audio_pieces import BAR, make_piece, make_plan, make_solo

Head = tuple[int, int, int]
"""Onset, pitch, duration in ticks."""


def read_back(data: bytes) -> music21.stream.Score:
    """Any complaint of the reader is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)  # another test's leftovers, collected meanwhile
        return music21.converter.parseData(data.decode(), format="musicxml")


def list_heads(part: music21.stream.Part) -> list[Head]:
    """Sounding notes with ties joined."""
    heads: list[Head] = []
    open_ties: dict[tuple[int, int], int] = {}
    for onset, pitch, ticks, tie in _list_written(part):
        if tie in ("stop", "continue"):
            index = open_ties.pop((pitch, onset))
            heads[index] = (heads[index][0], pitch, heads[index][2] + ticks)
        else:
            index = len(heads)
            heads.append((onset, pitch, ticks))
        open_ties[pitch, onset + ticks] = index
    return sorted(heads)


def _list_written(part: music21.stream.Part) -> Iterator[tuple[int, int, int, str]]:
    for element in part.flatten().notes:
        if isinstance(element, music21.harmony.Harmony):
            continue
        for note in getattr(element, "notes", (element,)):
            ticks = round(float(element.quarterLength) * 24)
            yield round(float(element.offset) * 24), note.pitch.midi, ticks, note.tie.type if note.tie else ""


def parse(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 - our own


def heads_of(part: Part) -> list[Head]:
    return [(note.onset, note.pitch, note.duration) for note in part.notes]


@pytest.mark.parametrize("slug", [slug for slug, instrument in INSTRUMENTS.items() if not instrument.is_drums])
@pytest.mark.parametrize("key", [Key(0, Mode.MAJOR), Key(3, Mode.MINOR), Key(6, Mode.MAJOR)])
def test_every_instrument_reads_back_as_it_sounds(slug: str, key: Key) -> None:
    piece = make_piece(slug, seconds=10.0, key=key)
    score = read_back(write_musicxml(piece))
    found = sorted(head for part in score.parts for head in list_heads(part))
    (sounding,) = piece.sounding_parts()
    assert found == heads_of(sounding)


def test_ties_triplets_and_rests_read_back_exactly() -> None:
    spans = ((12, 36), (36, 44), (44, 52), (52, 72), (84, 112), (112, 120), (120, 150), (168, 192))
    piece = make_solo("violin", *(Note(start, 72, stop - start) for start, stop in spans), seconds=5.0)
    (part,) = read_back(write_musicxml(piece)).parts
    assert list_heads(part) == heads_of(piece.sounding_parts()[0])


def test_a_held_bass_below_a_moving_melody_reads_back_exactly() -> None:
    notes = (Note(0, 45, 48), Note(12, 69, 12), Note(24, 71, 12), Note(36, 72, 12), Note(48, 45, 48), Note(48, 76, 48))
    piece = make_solo("guitar", *notes, role=Role.HARMONY)
    (part,) = read_back(write_musicxml(piece)).parts
    assert list_heads(part) == heads_of(piece.sounding_parts()[0])


def test_three_metres_have_full_measures() -> None:
    for metre in (Metre(4, 4), Metre(3, 4), Metre(6, 8)):
        plan = make_plan(seconds=7.0)
        plan = Plan(plan.style, plan.mood, plan.key, metre, plan.tempo, plan.length, plan.sections, plan.chords, (0.5,))
        piece = Piece(plan, (Part("flute", Role.LEAD, (Note(0, 72, 30), Note(42, 74, 40), Note(90, 76, 20))),))
        (part,) = read_back(write_musicxml(piece)).parts
        measures = list(part.getElementsByClass("Measure"))
        assert len(measures) == plan.bars
        assert all(measure.duration.quarterLength * 24 == metre.bar_ticks for measure in measures)


@pytest.mark.parametrize("metre", [Metre(4, 4), Metre(3, 4), Metre(6, 8)])
@pytest.mark.parametrize("slug", ["guitar", "harp", "drums"])
def test_every_voice_of_every_bar_is_complete(slug: str, metre: Metre) -> None:
    """A second voice enters late, in a triplet, and is silent again: notation programs want its rests all the same."""
    plan = replace(make_plan(seconds=7.0), metre=metre)
    low, high = {"guitar": (45, 72), "harp": (62, 76), "drums": (36, 38)}[slug]
    entries = ((0, high, 36), (12, low, 12), (36, high, 12), (48, high, 24), (56, low, 16))
    notes = tuple(
        Note(start + onset, pitch, duration)
        for start in range(0, 3 * metre.bar_ticks, metre.bar_ticks)
        for onset, pitch, duration in entries
        if onset + duration <= metre.bar_ticks
    )
    role = Role.RHYTHM if slug == "drums" else Role.HARMONY
    data = write_musicxml(Piece(plan, (Part(slug, role, notes),)))
    voices = [voice for part in read_back(data).parts for measure in part["Measure"] for voice in measure.voices]
    assert voices
    assert {sum(element.quarterLength for element in voice.notesAndRests) * 24 for voice in voices} == {metre.bar_ticks}


def test_rests_of_a_second_voice_are_there_but_not_shown() -> None:
    notes = (Note(0, 76, 96), Note(48, 45, 24), Note(120, 76, 24))
    root = parse(write_musicxml(make_solo("guitar", *notes, role=Role.HARMONY)))
    rests = [note for note in root.iter("note") if note.find("rest") is not None]
    shown = {note.findtext("voice") for note in rests if note.get("print-object") != "no"}
    assert {note.findtext("voice") for note in rests} == {"1", "2"}
    assert shown == {"1"}
    assert not list(root.iter("forward"))


def test_the_last_note_fills_the_last_bar_on_paper() -> None:
    """A piece may stop within its last bar to the sample; nobody writes that down in 32nds."""
    length = round(7.0 * 96 / 60 * 24)
    start = length // BAR * BAR
    piece = make_solo("flute", Note(start, 72, length - start), seconds=7.0)
    (part,) = read_back(write_musicxml(piece)).parts
    assert list_heads(part) == [(start, 72, BAR)]
    assert part.getElementsByClass("Measure").last().rightBarline.type == "final"


def test_signatures_tempo_chords_names_and_clefs() -> None:
    score = read_back(write_musicxml(make_piece("piano", "guitar", "violin", "drums", key=Key(10, Mode.MAJOR))))
    assert [part.partName for part in score.parts] == ["Piano", "Piano", "Guitar", "Violin", "Drums"]
    assert score.flatten().getElementsByClass("KeySignature")[0].sharps == -2
    assert score.flatten().getElementsByClass("MetronomeMark")[0].number == 96
    chords = [symbol.figure for symbol in score.parts[0].flatten().getElementsByClass("ChordSymbol")]
    assert chords == ["Gm", "E-", "B-"]
    clefs = [part.flatten().getElementsByClass("Clef")[0] for part in score.parts]
    assert [clef.name for clef in clefs] == ["treble", "bass", "treble8vb", "treble", "percussion"]


def test_drums_stand_on_their_places_and_name_their_sounds() -> None:
    piece = make_piece("drums", seconds=5.0)
    (part,) = read_back(write_musicxml(piece)).parts
    places = {(note.displayStep, note.displayOctave) for chord in part.flatten().notes for note in _members(chord)}
    assert places == {(DRUMSET[key].step, DRUMSET[key].octave) for key in (36, 38, 42)}
    root = parse(write_musicxml(piece))
    sounds = {midi.get("id"): int(midi.findtext("midi-unpitched", "0")) - 1 for midi in root.iter("midi-instrument")}
    played = [sounds[link.get("id")] for link in root.iter("instrument")]
    assert sorted(played) == sorted(note.pitch for note in piece.parts[0].notes)


def _members(element: music21.note.NotRest) -> tuple[music21.note.Unpitched, ...]:
    return getattr(element, "notes", (element,))


def test_every_drum_of_the_instrument_has_a_place() -> None:
    drums = INSTRUMENTS["drums"]
    assert set(DRUMSET) == set(range(drums.lowest, drums.highest + 1))
    assert len({(place.step, place.octave, place.head) for place in DRUMSET.values()}) == len(DRUMSET) - 1


def test_the_same_piece_gives_the_same_bytes_and_rights_are_named() -> None:
    piece = make_piece("piano", "drums")
    data = write_musicxml(piece, rights="OT-2026-TEST")
    assert data == write_musicxml(piece, rights="OT-2026-TEST")
    assert parse(data).findtext("identification/rights") == "OT-2026-TEST"
    assert parse(data).findtext("work/work-title") == "Test"
