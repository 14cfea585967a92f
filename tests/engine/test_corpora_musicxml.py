"""MusicXML: every note at its tick, at its sounding pitch, as loud as the marks say."""

import pytest

from generator.engine.corpora.musicxml import XmlPart, read_musicxml
from generator.engine.errors import CorpusError
from tests.engine.sheet import FINAL, attributes, mark, note, pack, score, tempo, wedge


def read_part(*measures: str) -> XmlPart:
    return read_musicxml(score({"Violin": measures})).parts[0]


def places(part: XmlPart) -> list[tuple[int, int, int]]:
    return [(each.onset, each.pitch, each.duration) for each in part.notes]


def test_notes_rests_and_chords_stand_at_their_ticks():
    part = read_part(attributes() + note("C4", 1) + note("r", 1) + note("E4", 2) + note("G4", 2, chord=True))
    assert places(part) == [(0, 60, 24), (48, 64, 48), (48, 67, 48)]


def test_triplets_are_exact():
    part = read_part(attributes(divisions=3) + note("C4", 1) + note("D4", 1) + note("E4", 1) + note("r", 9))
    assert places(part) == [(0, 60, 8), (8, 62, 8), (16, 64, 8)]


def test_a_second_voice_starts_where_backup_leads():
    backup = "<backup><duration>4</duration></backup><forward><duration>2</duration></forward>"
    part = read_part(attributes() + note("C5", 4) + backup + note("E4", 2))
    assert places(part) == [(0, 72, 96), (48, 64, 48)]


def test_tied_notes_become_one_across_bars():
    on, back = '<tie type="start"/>', '<tie type="stop"/>'
    first = attributes() + note("r", 3) + note("Bb4", 1, extra=on)
    part = read_part(first, note("Bb4", 4, extra=back + on), note("Bb4", 1, extra=back) + note("r", 3))
    assert places(part) == [(72, 70, 144)]


def test_a_tie_back_to_nothing_is_a_new_note():
    assert places(read_part(attributes() + note("C4", 4, extra='<tie type="stop"/>'))) == [(0, 60, 96)]


def test_grace_and_cue_notes_are_dropped():
    grace = "<note><grace/><pitch><step>D</step><octave>5</octave></pitch></note>"
    cue = "<note><cue/><pitch><step>D</step><octave>5</octave></pitch><duration>2</duration></note>"
    assert places(read_part(attributes() + grace + note("C5", 2) + cue)) == [(0, 72, 48)]


def test_transposing_instruments_sound():
    clarinet = "<transpose><chromatic>-2</chromatic></transpose>"
    guitar = "<transpose><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>"
    assert places(read_part(attributes(extra=clarinet) + note("C4", 4))) == [(0, 58, 96)]
    assert places(read_part(attributes(extra=guitar) + note("C4", 4))) == [(0, 48, 96)]


def test_bars_tell_their_true_length_metre_signature_and_movement():
    parts = {"Violin": [attributes(fifths=2, metre="3/4") + note("A4", 1), note("D5", 3) + FINAL, note("D5", 3)]}
    bars = read_musicxml(score(parts)).bars
    assert [(bar.start, bar.length, bar.metre, bar.fifths, bar.closes) for bar in bars] == [
        (0, 24, (3, 4), 2, False),
        (24, 72, (3, 4), 2, True),
        (96, 72, (3, 4), 2, False),
    ]


def test_a_short_part_does_not_shorten_the_bar():
    parts = {
        "Violin": [attributes() + note("A4", 4), note("A4", 4)],
        "Viola": [attributes() + note("A3", 1), note("A3", 4)],
    }
    read = read_musicxml(score(parts))
    assert [bar.length for bar in read.bars] == [96, 96]
    assert places(read.parts[1]) == [(0, 57, 24), (96, 57, 96)]


def test_tempo_comes_from_sound_or_metronome():
    beat = "<metronome><beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>c. 60</per-minute></metronome>"
    metronome = f"<direction><direction-type>{beat}</direction-type></direction>"
    parts = {"Violin": [attributes() + tempo(132) + note("A4", 4), metronome + note("A4", 4)]}
    assert read_musicxml(score(parts)).tempos == [(0, 132.0), (96, 90.0)]


def test_marks_set_the_level_from_there_on():
    part = read_part(attributes() + note("C4", 1) + mark("p") + note("C4", 1) + mark("ff") + note("C4", 2))
    assert [each.velocity for each in part.notes] == [76, 54, 106]


def test_a_hairpin_climbs_in_a_straight_line_to_the_next_mark():
    notes = note("C4", 1) * 4
    part = read_part(attributes() + mark("p") + wedge("crescendo") + notes, wedge("stop") + mark("f") + note("C4", 4))
    assert [each.velocity for each in part.notes] == [54, 64, 73, 82, 92]


def test_a_hairpin_to_nowhere_moves_by_one_level():
    notes = note("C4", 1) * 4
    part = read_part(attributes() + mark("f") + wedge("diminuendo") + notes, wedge("stop") + note("C4", 4))
    assert part.notes[-1].velocity == 79


def test_accents_and_sforzati_lift_single_notes():
    accent = "<notations><articulations><accent/></articulations></notations>"
    measure = (
        attributes()
        + mark("p")
        + note("C4", 1)
        + note("C4", 1, extra=accent)
        + mark("sf")
        + note("C4", 1)
        + note("C4", 1)
    )
    assert [each.velocity for each in read_part(measure).notes] == [54, 66, 74, 54]


def test_a_part_without_marks_follows_its_neighbour():
    parts = {"Voice": [attributes() + note("C5", 4)], "Piano": [attributes() + mark("pp") + note("C4", 4)]}
    voice, piano = read_musicxml(score(parts)).parts
    assert (voice.notes[0].velocity, piano.notes[0].velocity) == (42, 42)


def test_packed_and_plain_scores_read_alike():
    xml = score({"Violin": [attributes() + note("C4", 4)]})
    assert read_musicxml(pack(xml)).parts[0].notes == read_musicxml(xml).parts[0].notes


BOMB = '<!DOCTYPE a [<!ENTITY b "bbbb">]><score-partwise>&b;</score-partwise>'
DEFAULTS = '<!DOCTYPE a [<!ATTLIST note c CDATA "cccc">]><score-partwise><note/></score-partwise>'
PARAMETER = '<!DOCTYPE a [<!ENTITY % b "bbbb">]><score-partwise/>'
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "Damaged MusicXML"),
        (b"<score-partwise>", "Damaged MusicXML"),
        (b"PK\x03\x04 but not really", "Damaged .mxl"),
        (b"<score-timewise/>", "score-timewise"),
        (b"<score-partwise/>", "declares 0 parts and holds 0"),
        *((text.encode(each), "declares entities") for text in (BOMB, DEFAULTS, PARAMETER) for each in ENCODINGS),
        (pack(BOMB.encode("utf-16-le")), "declares entities"),
        (pack(b"", names=()), "holds 0 scores"),
        (pack(b"<a/>", names=("a.xml", "b.xml")), "holds 2 scores"),
    ],
)
def test_files_that_are_no_score_are_refused_with_the_reason(data: bytes, reason: str):
    with pytest.raises(CorpusError, match=reason):
        read_musicxml(data)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_score_that_names_the_dtd_of_musicxml_is_read_in_any_encoding(encoding: str):
    dtd = '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" "http://localhost/none.dtd">'
    declaration, body = score({"Violin": [attributes() + note("C4", 4)]}).decode().split("?>")
    assert places(read_musicxml((declaration + "?>" + dtd + body).encode(encoding)).parts[0]) == [(0, 60, 96)]


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = pack(bytes(65_000_000))
    assert len(bomb) < 100_000
    with pytest.raises(CorpusError, match="unpacks to 65000000 bytes"):
        read_musicxml(bomb)
