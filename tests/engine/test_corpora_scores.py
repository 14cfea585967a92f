"""Which part of a score plays what."""

import pytest

from generator.engine.corpora.scores import read_quartet, read_song
from generator.engine.errors import CorpusError
from tests.engine.sheet import LYRIC, attributes, note, score

BAR = attributes() + note("C4", 4)
SUNG = attributes() + note("C5", 4, extra=LYRIC)
TWO_STAVES = attributes(extra="<staves>2</staves>") + note("C4", 4)


def test_the_singer_leads_and_the_piano_accompanies():
    song = read_song(score({"Singstimme": [SUNG], "Pianoforte": [TWO_STAVES]}, title="Lied"))
    assert song.title == "Lied"
    assert [(voice.instrument, voice.role, len(voice.notes)) for voice in song.voices] == [
        ("voice", "lead", 1),
        ("piano", "harmony", 1),
    ]


def test_other_instruments_beside_a_song_are_left_out():
    song = read_song(score({"Violine": [BAR], "Sopran": [SUNG], "Piano": [TWO_STAVES]}))
    assert song.voices[0].notes[0].pitch == 72


@pytest.mark.parametrize("parts", [{"Soprano": [SUNG], "Alto": [SUNG]}, {"Piano": [TWO_STAVES]}, {"Voice": [SUNG]}])
def test_what_is_no_song_with_piano_is_refused(parts: dict[str, list[str]]):
    with pytest.raises(CorpusError, match="No singer with a piano among"):
        read_song(score(parts))


def test_a_quartet_has_lead_two_counters_and_bass():
    quartet = read_quartet(score({name: [BAR] for name in ("Violin I", "Violino 2", "Viola", "Violoncello")}))
    assert [(voice.instrument, voice.role) for voice in quartet.voices] == [
        ("violin", "lead"),
        ("violin", "counter"),
        ("viola", "counter"),
        ("cello", "bass"),
    ]
    assert quartet.style == "classical"


@pytest.mark.parametrize(
    "names",
    [["Violin", "Viola", "Cello"], ["Flute", "Violin", "Viola", "Cello"], ["Violin 1", "Violin 2", "Cello", "Viola"]],
)
def test_other_ensembles_are_no_quartet(names: list[str]):
    with pytest.raises(CorpusError, match=f"Not two violins, viola and cello: {', '.join(names)}"):
        read_quartet(score({name: [BAR] for name in names}))
