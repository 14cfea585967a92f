"""Segments, restatement, finishing and clashes: what happens to notes between the network and the piece."""

from itertools import pairwise

import pytest

from generator.engine.brief import parse_brief
from generator.engine.composing.clashes import count_clashes, mend_clashes
from generator.engine.composing.dynamics import shape_loudness
from generator.engine.composing.finishing import clip_notes, find_closing, finish_part
from generator.engine.composing.habits import HOMES, find_manner, find_target_density
from generator.engine.composing.melody import is_melody_enough, take_melody
from generator.engine.composing.registers import is_above_a_bass, lift_line
from generator.engine.composing.restating import is_restated, restate_notes
from generator.engine.composing.segments import Segment, divide_plan
from generator.engine.composing.titles import write_title
from generator.engine.conductor import write_plan
from generator.engine.instruments import INSTRUMENTS
from generator.engine.moods import MOODS
from generator.engine.plan import Chord, Key, Metre, Mode, Plan, Role, Section
from generator.engine.score import Note, Part
from generator.engine.styles import STYLES

HOME, AWAY = Chord(0, "maj"), Chord(7, "maj")


def plan(*, bars: int = 4, extra: int = 0, key: Key | None = None, energies: tuple[float, ...] = ()) -> Plan:
    """Bars of C and G in turn, the last two G and C; `extra` ticks after the last bar."""
    chords = [HOME if bar % 2 == 0 else AWAY for bar in range(bars)]
    chords[-2:] = [AWAY, HOME]
    slots = [chord for chord in chords for _ in range(2)] + [HOME] * -(-extra // 48)
    return Plan(
        style="pop",
        mood="bright",
        key=key or Key(0, Mode.MAJOR),
        metre=Metre(4, 4),
        tempo=100.0,
        length=bars * 96 + extra,
        sections=(Section("A", 0, bars // 2, 0.5), Section("A", bars // 2, bars - bars // 2, 0.5)),
        chords=tuple(slots),
        energies=energies or (0.5,) * (bars + (extra > 0)),
    )


@pytest.mark.parametrize("seconds", [5, 6, 14.5, 30, 60, 180])
def test_segments_cover_the_piece_and_restate_only_over_the_same_chords(seconds: float) -> None:
    for style in STYLES:
        for seed in range(4):
            found = write_plan(parse_brief({"instruments": "piano", "seconds": seconds, "style": style, "seed": seed}))
            segments = divide_plan(found)
            assert segments[0].start == 0
            assert segments[-1].stop == found.length
            assert all(one.stop == other.start for one, other in pairwise(segments))
            for segment in segments:
                if segment.source is not None:
                    assert segment.source + segment.ticks <= segment.start
                    for tick in range(0, segment.ticks, found.metre.chord_ticks):
                        assert found.chord_at(segment.start + tick) == found.chord_at(segment.source + tick)


def test_a_section_that_comes_back_restates_its_first_half_and_goes_on_anew() -> None:
    assert divide_plan(plan(bars=8)) == (
        Segment(0, 384),
        Segment(384, 576, source=0),
        Segment(576, 768),
    )


def test_restated_notes_are_moved_and_cut_at_the_seam() -> None:
    notes = (Note(0, 60, 24, 80), Note(180, 64, 96, 80), Note(200, 65, 12, 80))
    assert restate_notes(notes, segment=Segment(384, 576, source=0)) == (
        Note(384, 60, 24, 80),
        Note(564, 64, 12, 80),
    )


def test_loudness_follows_the_energy_of_each_bar() -> None:
    rising = plan(energies=(0.0, 0.5, 1.0, 1.0))
    notes = [Note(bar * 96, 60, 24, 70 + 20 * (bar % 2)) for bar in range(4)]
    assert [note.velocity for note in shape_loudness(notes, plan=rising)] == [60, 98, 92, 119]
    assert shape_loudness([Note(0, 60, 24, 33), Note(192, 60, 24, 127)], plan=rising)[1].velocity == 124


def test_how_loud_a_part_is_the_plan_decides_and_not_the_level_of_its_sources() -> None:
    soft, loud = ([Note(24 * place, 60, 24, level + place) for place in range(16)] for level in (30, 100))
    levels = [sum(note.velocity for note in shape_loudness(notes, plan=plan())) / 16 for notes in (soft, loud)]
    assert levels[1] - levels[0] < 0.25 * 70


def test_a_part_without_dynamics_is_given_accents_by_beat_and_melody() -> None:
    flat = [Note(0, 48, 24, 90), Note(0, 64, 24, 90), Note(12, 65, 12, 90), Note(24, 67, 24, 90)]
    shaped = shape_loudness(flat, plan=plan())
    assert [note.velocity for note in shaped] == [96, 101, 87, 96]


def test_accompaniments_are_written_anew_where_the_energy_has_changed_and_leads_are_not() -> None:
    louder = plan(bars=8, energies=(0.4,) * 4 + (0.8,) * 4)
    segment = Segment(384, 576, source=0)
    assert is_restated(segment, plan=louder, role=Role.LEAD)
    assert not is_restated(segment, plan=louder, role=Role.HARMONY)
    assert is_restated(segment, plan=plan(bars=8), role=Role.HARMONY)
    assert not is_restated(Segment(0, 384), plan=louder, role=Role.LEAD)


@pytest.mark.parametrize(("extra", "closing"), [(0, 288), (24, 288), (48, 384), (72, 384)])
def test_the_closing_chord_stands_on_the_last_downbeat_with_half_a_bar_to_ring(extra: int, closing: int) -> None:
    assert find_closing(plan(extra=extra)) == closing


def test_a_line_closes_on_one_chord_tone_near_by_held_to_the_end() -> None:
    notes = [Note(0, 72, 24), Note(264, 74, 24), Note(288, 74, 24, 70), Note(312, 71, 72)]
    closed = finish_part(notes, plan=plan(), instrument="violin", role=Role.LEAD)
    assert closed[-1] == Note(288, 72, 96, 70)
    assert [note.onset for note in closed] == [0, 264, 288]


def test_a_bass_closes_on_the_root() -> None:
    closed = finish_part([Note(264, 43, 24, 66)], plan=plan(), instrument="bass", role=Role.BASS)
    assert closed[-1] == Note(288, 48, 96, 66)


def test_a_chord_keeps_what_was_struck_and_is_completed_and_held() -> None:
    notes = [Note(192, 48, 96), Note(288, 48, 12), Note(300, 64, 12), Note(330, 67, 12)]
    closed = [n for n in finish_part(notes, plan=plan(), instrument="piano", role=Role.HARMONY) if n.onset >= 288]
    assert {note.pitch % 12 for note in closed} == {0, 4, 7}
    assert all(note.end == 384 for note in closed)
    assert Note(300, 64, 84) in closed


def test_a_closing_chord_stands_on_its_root() -> None:
    inverted = [Note(288, pitch, 24) for pitch in (52, 60, 67, 72)]
    closed = finish_part(inverted, plan=plan(), instrument="piano", role=Role.LEAD)
    assert [note.pitch for note in closed] == [48, 52, 60, 67, 72]


@pytest.mark.parametrize("last", [52, 64, 76, 83])
@pytest.mark.parametrize("struck", [(), (41, 45), (45, 48, 52), (40, 45, 52, 57, 64), (72, 76, 79)])
def test_the_top_of_a_closing_chord_lies_within_an_octave_of_the_last_note(last: int, struck: tuple[int, ...]) -> None:
    player = INSTRUMENTS["guitar"]
    notes = [Note(240, 43, 24), Note(264, last, 24), *(Note(288, pitch, 24) for pitch in struck)]
    closed = [n for n in finish_part(notes, plan=plan(), instrument="guitar", role=Role.LEAD) if n.onset >= 288]
    pitches = sorted(note.pitch for note in closed)
    assert abs(pitches[-1] - last) <= 12
    assert 2 <= len(pitches) <= player.voices
    assert pitches[-1] - pitches[0] <= player.span
    assert pitches[0] % 12 == 0
    assert {pitch % 12 for pitch in pitches} <= {0, 4, 7}


@pytest.mark.parametrize("struck", [50, 60, 88])
def test_a_line_does_not_leap_into_its_close(struck: int) -> None:
    notes = [Note(264, 71, 24), Note(288, struck, 96)]
    closed = finish_part(notes, plan=plan(), instrument="viola", role=Role.COUNTER)
    assert abs(closed[-1].pitch - 71) <= 12


def test_drums_close_with_one_hit() -> None:
    notes = [Note(0, 36, 6), Note(288, 42, 6, 77), Note(300, 38, 6)]
    closed = finish_part(notes, plan=plan(), instrument="drums", role=Role.RHYTHM)
    assert [(note.onset, note.pitch) for note in closed] == [(0, 36), (288, 36), (288, 42), (288, 49)]


@pytest.mark.parametrize("instrument", [slug for slug in INSTRUMENTS if slug != "drums"])
def test_closing_notes_can_be_played_in_every_key(instrument: str) -> None:
    player = INSTRUMENTS[instrument]
    for tonic in range(12):
        keyed = plan(key=Key(tonic, Mode.MAJOR))
        for note in finish_part([], plan=keyed, instrument=instrument, role=player.roles[0]):
            assert player.lowest <= note.pitch + keyed.key.shift <= player.highest


def test_single_lines_never_overlap_and_nothing_outlasts_the_piece() -> None:
    player = INSTRUMENTS["violin"]
    clipped = clip_notes([Note(0, 60, 90), Note(24, 62, 500), Note(24, 64, 10)], plan=plan(), player=player)
    assert clipped == (Note(0, 60, 24), Note(24, 62, 360))


def test_a_semitone_on_a_beat_is_mended_in_the_less_important_part() -> None:
    lead = Part("violin", "lead", (Note(0, 72, 96),))
    chords = Part("piano", "harmony", (Note(0, 48, 96), Note(0, 61, 96), Note(96, 61, 96)))
    mended = mend_clashes([chords, lead], plan=plan())
    assert count_clashes([chords, lead], plan=plan()) == 4
    assert count_clashes(mended, plan=plan()) == 0
    assert mended[1] == lead
    assert [note.pitch for note in mended[0].notes] == [48, 60, 61]


def test_a_held_note_that_comes_to_clash_changes_there_and_stays_as_it_was_before() -> None:
    lead = Part("violin", "lead", (Note(0, 72, 48), Note(48, 76, 48)))
    chords = Part("piano", "harmony", (Note(0, 65, 96),))
    mended = mend_clashes([chords, lead], plan=plan())
    assert count_clashes(mended, plan=plan()) == 0
    assert mended[0].notes == (Note(0, 65, 48), Note(48, 64, 48))


def test_dissonances_that_go_on_by_step_are_left_alone() -> None:
    chords = Part("piano", "harmony", (Note(0, 52, 96), Note(0, 64, 96)))
    suspended = Part("violin", "lead", (Note(0, 77, 36), Note(36, 76, 60)))
    assert count_clashes([suspended, chords], plan=plan()) == 1, "struck on the downbeat: not prepared"
    passing = Part("violin", "lead", (Note(0, 79, 24), Note(24, 77, 24), Note(48, 76, 48)))
    assert count_clashes([passing, chords], plan=plan()) == 0
    assert mend_clashes([passing, chords], plan=plan()) == (passing, chords)
    left = Part("violin", "lead", (Note(0, 79, 24), Note(24, 77, 24), Note(48, 72, 48)))
    assert count_clashes([left, chords], plan=plan()) == 1


def test_a_suspension_over_the_bar_line_is_left_alone() -> None:
    bass = Part("bass", "bass", (Note(96, 47, 96),))
    held = Part("violin", "lead", (Note(72, 72, 48), Note(120, 71, 72)))
    assert count_clashes([held, bass], plan=plan()) == 0
    struck = Part("violin", "lead", (Note(96, 72, 24), Note(120, 71, 72)))
    assert count_clashes([struck, bass], plan=plan()) == 1


def test_notes_that_agree_are_left_alone() -> None:
    parts = (
        Part("piano", "harmony", (Note(0, 48, 96), Note(0, 64, 96))),
        Part("violin", "lead", (Note(0, 72, 96), Note(108, 71, 12))),
        Part("drums", "rhythm", (Note(0, 49, 6),)),
    )
    assert mend_clashes(parts, plan=plan()) == parts


def test_titles_follow_mood_style_and_seed() -> None:
    briefs = [
        parse_brief({"instruments": "piano", "seconds": 30, "style": style, "mood": mood, "seed": seed})
        for style in STYLES
        for mood in MOODS
        for seed in range(4)
    ]
    titles = [write_title(brief) for brief in briefs]
    assert all(len(title.split()) == 2 for title in titles)
    assert titles == [write_title(brief) for brief in briefs]
    assert len(set(titles)) > 120


def test_the_melody_of_a_texture_is_its_top_line_without_notes_under_a_held_one() -> None:
    texture = [Note(0, 48, 48), Note(0, 72, 24), Note(12, 60, 12), Note(24, 74, 48), Note(36, 67, 12), Note(48, 76, 24)]
    assert take_melody(texture) == (Note(0, 72, 24), Note(24, 74, 24), Note(48, 76, 24))


def test_a_leading_guitar_leaves_the_chords_to_a_piano_but_not_to_nobody() -> None:
    alone = parse_brief({"instruments": "guitar,drums", "seconds": 30, "style": "rock"})
    both = parse_brief({"instruments": "guitar,piano", "seconds": 30, "style": "rock"})
    assert not is_melody_enough(alone, instrument="guitar", role=Role.LEAD)
    assert is_melody_enough(both, instrument="guitar", role=Role.LEAD)
    assert not is_melody_enough(both, instrument="piano", role=Role.HARMONY)


def test_a_cello_over_a_bass_plays_an_octave_higher_as_far_as_it_can() -> None:
    both = parse_brief({"instruments": "cello,bass,violin", "seconds": 30})
    assert is_above_a_bass(both, instrument="cello", role=Role.BASS)
    assert not is_above_a_bass(both, instrument="bass", role=Role.BASS)
    lifted = lift_line([Note(0, 48, 24), Note(24, 65, 24)], plan=plan(), instrument="cello")
    assert [note.pitch for note in lifted] == [60, 65]


def test_every_role_of_every_instrument_has_a_home_and_a_density() -> None:
    for slug, player in INSTRUMENTS.items():
        for role in player.roles:
            assert find_target_density(plan(), instrument=slug, role=role, start=0, stop=384) > 1.0
            assert player.is_drums or (slug, find_manner(slug, role=role)) in HOMES


def test_fuller_bars_ask_for_more_notes_and_calm_moods_for_fewer() -> None:
    quiet, full = plan(energies=(0.1,) * 4), plan(energies=(0.9,) * 4)
    for slug, player in INSTRUMENTS.items():
        low, high = (
            find_target_density(found, instrument=slug, role=player.roles[0], start=0, stop=384)
            for found in (quiet, full)
        )
        assert low < high
