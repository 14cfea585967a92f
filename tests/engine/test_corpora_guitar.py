"""Guitar MIDI: players, octave, grace notes, and the pickup that the file does not tell."""

import pytest

from generator.engine.corpora.guitar import lay_bars, read_guitar
from generator.engine.corpora.phase import find_pickup
from generator.engine.errors import CorpusError
from generator.engine.midi import MidiFile, write_midi
from generator.engine.plan import Key, Metre, Mode, Piece, Plan, Section
from generator.engine.score import Note, Part


def write_piece(*parts: Part, bars: int = 4) -> bytes:
    plan = Plan(
        style="guitar",
        mood="",
        key=Key(tonic=0, mode=Mode.MAJOR),
        metre=Metre(3, 4),
        tempo=80.0,
        length=72 * bars,
        sections=(Section(name="A", start_bar=0, bars=bars, energy=0.5),),
        chords=(None,) * 3 * bars,
        energies=(0.5,) * bars,
    )
    return write_midi(Piece(plan=plan, parts=parts))


def waltz(bass: int, *chord: int, bars: int = 4) -> tuple[Note, ...]:
    """A bass note on one, chords on two and three."""
    notes = []
    for bar in range(bars):
        notes.append(Note(72 * bar, bass, 72))
        notes += [Note(72 * bar + beat, pitch, 24) for beat in (24, 48) for pitch in chord]
    return tuple(notes)


def test_a_solo_is_one_leading_part_with_tempo_metre_and_signature():
    score = read_guitar(write_piece(Part("guitar", "lead", waltz(48, 64, 67))), path="mutopia-guitar/try.mid")
    assert [(voice.instrument, voice.role, len(voice.notes)) for voice in score.voices] == [("guitar", "lead", 20)]
    assert score.tempos == ((0, 80.0),)
    assert [(bar.length, bar.metre, bar.fifths) for bar in score.bars] == [(72, (3, 4), 0)] * 4


def test_what_is_written_an_octave_high_is_put_down():
    score = read_guitar(write_piece(Part("guitar", "lead", waltz(55, 74, 82))), path="mutopia-guitar/try.mid")
    assert {note.pitch for note in score.voices[0].notes} == {43, 62, 70}


def test_singers_and_flutes_are_left_out_and_a_file_without_guitar_is_refused():
    flute = Part("flute", "lead", waltz(72, 76))
    both = read_guitar(write_piece(Part("guitar", "lead", waltz(48, 64)), flute), path="mutopia-guitar/try.mid")
    assert {note.pitch for note in both.voices[0].notes} == {48, 64}
    with pytest.raises(CorpusError, match="No guitar among the tracks"):
        read_guitar(write_piece(flute), path="mutopia-guitar/try.mid")


def test_the_second_player_of_a_duo_is_the_harmony():
    duo = write_piece(Part("guitar", "lead", waltz(60, 64)), Part("guitar", "harmony", waltz(48, 52)))
    named = duo.replace(b"Guitar", b"up:one", 1).replace(b"Guitar", b"dn:two", 1)
    players = read_guitar(named, path="mutopia-guitar/try-duo.mid").voices
    assert [(voice.role, voice.notes[0].pitch) for voice in players] == [("lead", 60), ("harmony", 48)]
    assert [voice.role for voice in read_guitar(named, path="mutopia-guitar/try.mid").voices] == ["lead"]


def test_a_file_without_metre_is_laid_out_in_four():
    silent = MidiFile(tracks=(), tempos=(), metres=(), fifths=())
    bars = lay_bars(silent, notes=[Note(0, 60, 96), Note(96, 62, 96)])
    assert [(bar.start, bar.length, bar.metre, bar.fifths) for bar in bars] == [
        (0, 96, (4, 4), None),
        (96, 96, (4, 4), None),
    ]


@pytest.mark.parametrize("pickup", [0, 12, 24, 48])
def test_the_pickup_is_heard_from_the_bass(pickup: int):
    upbeat = [Note(12 * index, 72, 12) for index in range(pickup // 12)]
    notes = upbeat + [Note(note.onset + pickup, note.pitch, note.duration) for note in waltz(48, 64, 67, bars=8)]
    assert find_pickup(notes, metre=Metre(3, 4)) == pickup


def test_an_even_line_has_no_pickup():
    assert find_pickup([Note(12 * index, 60, 12) for index in range(64)], metre=Metre(4, 4)) == 0
