"""What a brief may settle: an energy curve, hit points, density, a motif; refusals name field, value and remedy."""

import base64

import pytest

from generator.engine.brief import Brief, InvalidBriefs, parse_brief
from generator.engine.composing.development import Treatment, find_statements, write_statement
from generator.engine.conductor import write_plan
from generator.engine.controls.motif import LOWEST, place_motif, read_motif, read_motif_file, write_motif
from generator.engine.midi import write_midi
from generator.engine.plan import Chord, Key, Metre, Mode, Piece, Plan, Section
from generator.engine.score import Note, Part

TUNE = "C5 E5:0.5 G5:0.5 A5 G5"


def read(**values: object) -> Brief:
    return parse_brief({"instruments": "violin,piano", "seconds": 20, "seed": 1, "style": "pop"} | values)


def refusal(**values: object) -> dict[str, str]:
    with pytest.raises(InvalidBriefs) as caught:
        read(**values)
    return caught.value.fields


def test_a_brief_with_everything_settled_is_read_back_from_its_json() -> None:
    brief = read(energy="10 90 40", hits="0:07 12.5", density="1.5", motif=TUNE)
    assert (brief.energy, brief.hits, brief.density) == ((0.1, 0.9, 0.4), (7.0, 12.5), 1.5)
    assert parse_brief(brief.to_json()) == brief


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("motif", "C5 E5", "3 to 16 notes"),
        ("motif", " ".join(["C5"] * 17), "3 to 16 notes"),
        ("motif", "C5 E5 H5", "H5"),
        ("motif", "C5 E5 C9", "C2 to C7"),
        ("motif", "C5 E5 G5:9", "from 1/8 to 4"),
        ("motif", "C5 E E5", "Name the octave"),
        ("motif", "R C5 E5", "3 to 16 notes"),
        ("motif", "C5:4 E5:4 G5:4 C6:4", "longer piece"),
        ("motif", {"midi": "nonsense!"}, "base64"),
        ("motif", {"midi": base64.b64encode(b"MThd but no more").decode()}, "MIDI"),
        ("motif", 7, "3 to 16 notes"),
        ("energy", "10", "2 to 64 numbers"),
        ("energy", "10 120", "from 0 to 100"),
        ("energy", "10 loud", "loud"),
        ("hits", "0:19.9", "from 0.5 to 19.5"),
        ("hits", "5 5.2", "at least 0.5 s between"),
        ("hits", "1:aa", "for example 0:07"),
        ("density", "9", "from 0.5 to 2"),
    ],
)
def test_a_wish_that_cannot_be_met_names_field_and_remedy(field: str, value: object, words: str) -> None:
    fields = refusal(**{field: value})
    assert list(fields) == [field]
    assert words in fields[field]


def test_empty_wishes_count_as_absent() -> None:
    assert read(energy="", hits="", density="", motif="") == read()


def test_a_motif_survives_its_text_and_a_midi_file() -> None:
    motif = read_motif(TUNE)
    assert write_motif(motif) == "C5 E5:1/2 G5:1/2 A5 G5"
    assert read_motif(write_motif(motif)) == motif
    plan = make_plan(Chord(0, "maj"))
    data = write_midi(Piece(plan, (Part("violin", "lead", place_motif(motif)),)))
    assert read_motif_file(data) == motif


def make_plan(*chords: Chord) -> Plan:
    return Plan(
        style="pop",
        mood="bright",
        key=Key(0, Mode.MAJOR),
        metre=Metre(4, 4),
        tempo=120.0,
        length=96 * 4,
        sections=(Section("A", 0, 4, 0.5),),
        chords=chords * (8 // len(chords)),
        energies=(0.5,) * 4,
    )


@pytest.mark.parametrize("treatment", Treatment)
def test_each_treatment_is_recognised_as_itself_and_fits_the_chords(treatment: Treatment) -> None:
    motif = read_motif(TUNE)
    plan = make_plan(Chord(5, "maj"))
    made = write_statement(motif, treatment=treatment, start=96, room=288, plan=plan, instrument="violin", home=75)
    assert find_statements(made.notes, motif=motif) == [(96, treatment)]
    assert all(note.pitch >= LOWEST for note in made.notes)


def test_the_plan_follows_a_drawn_curve_and_carries_the_tune() -> None:
    brief = read(energy="0 100", motif=TUNE, instruments="violin")
    plan = write_plan(brief)
    assert list(plan.energies) == sorted(plan.energies)
    assert (plan.energies[0] < 0.15, plan.energies[-1] > 0.85) == (True, True)
    assert plan.key == Key(0, Mode.MAJOR)
    tones = {(note.pitch % 12) in plan.chord_at(note.onset).pitch_classes for note in place_motif(brief.motif)[:1]}  # type: ignore[union-attr]
    assert tones == {True}


def test_hits_move_the_tempo_towards_their_beats() -> None:
    def miss(plan: Plan) -> float:
        half = plan.metre.beat_ticks / 2
        place = 31.3 * plan.tempo * 24 / 60 / half
        return abs(place - round(place))

    asked, free = write_plan(read(hits="31.3", seconds=60)), write_plan(read(seconds=60))
    assert miss(asked) < miss(free)
    assert asked.hits[0] * 60 / asked.tempo / 24 == pytest.approx(31.3, abs=0.001)


def test_nothing_else_in_a_line_is_taken_for_the_motif() -> None:
    motif = read_motif(TUNE)
    scale = tuple(Note(onset=24 * step, pitch=60 + step, duration=24) for step in range(16))
    assert find_statements(scale, motif=motif) == []
