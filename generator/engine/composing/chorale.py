"""Chorale: what whoever plays chords plays in a hymn, in four voices, a chord to the beat, phrases coming to rest.

The chords are the plan's, the pitches wherever possible the network's; a melody that it carries itself is the upper
voice. Where two chords leave a third between them in the bass or tenor, a passing note fills it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from generator.engine.brief import Brief
from generator.engine.composing.finishing import find_closing
from generator.engine.composing.melody import take_melody
from generator.engine.composing.phrase_ends import bring_home, hold_ends
from generator.engine.composing.roles import assign_roles
from generator.engine.composing.voices import RANGES, Station, lead_voices
from generator.engine.instruments import INSTRUMENTS
from generator.engine.metrics import SCALES, find_sounding
from generator.engine.plan import Chord, Plan, Role, list_phrase_ends
from generator.engine.score import Note
from generator.engine.styles import STYLES

_VOICES = 4
_BROKEN = frozenset({"harp"})
"""Who spreads the chords of a hymn instead of singing them."""
_MOVING = 0.3
"""Energy from which a chord is struck on every beat; below it, where chords begin."""
_FIRM = 0.5
"""Energy from which voices that stay are struck again on weak beats."""
_PASSING = 0.45
"""Chance of a passing note where there is room for one."""
_LEVEL = 68
_STEP = 2
_BELOW = 9
"""Semitones below the line around it from which a note is none of the melody's."""


@dataclass(frozen=True, slots=True)
class _Stroke:
    tick: int
    stop: int
    chord: Chord


def is_chorale(plan: Plan, *, instrument: str) -> bool:
    return plan.style in STYLES and STYLES[plan.style].is_chorale and INSTRUMENTS[instrument].voices >= _VOICES


def choose_choir(brief: Brief) -> str | None:
    """Who sings the chords of a hymn: the one that the style likes best of those who play them. Others go their own
    way, for two would sing the same."""
    roles = assign_roles(brief)
    players = [slug for slug in STYLES[brief.style].chords if roles.get(slug) is Role.HARMONY and slug not in _BROKEN]
    return players[0] if players else None


def set_chorale(
    notes: Sequence[Note],
    *,
    plan: Plan,
    instrument: str,
    lead: Sequence[Note] | None,
    start: int,
    stop: int,
    draw: Random,
    carries_tune: bool = False,
) -> tuple[Note, ...]:
    """The part in [start, stop), set anew: under the `lead`, or, where it `carries_tune`, under its own upper line."""
    tune = _find_tune(notes, plan=plan, start=start, stop=stop) if carries_tune else ()
    strokes = _list_strokes(plan, tune=tune, start=start, stop=stop)
    player, shift = INSTRUMENTS[instrument], plan.key.shift
    stations = [_describe(stroke, notes=notes, lead=lead or (), tune=tune, plan=plan) for stroke in strokes]
    settings = lead_voices(stations, lowest=player.lowest, highest=player.highest, shift=shift)
    below = [setting[:-1] if station.tune else setting for setting, station in zip(settings, stations, strict=True)]
    levels = [_find_level(notes, tick=stroke.tick) for stroke in strokes]
    struck = _strike(strokes, below, levels=levels, plan=plan)
    passing = _pass(struck, plan=plan, draw=draw)
    return tuple(sorted([*passing, *tune]))


def _find_tune(notes: Sequence[Note], *, plan: Plan, start: int, stop: int) -> tuple[Note, ...]:
    """The upper line without what belongs to figures below it: what falls between half beats, or far below what is
    heard within a beat of it; each note lasts until the next one."""
    beat = plan.metre.beat_ticks
    tops = [note for note in take_melody(notes) if note.onset % (beat // 2) == 0]
    line = [
        note
        for note in tops
        if note.pitch + _BELOW > max(other.pitch for other in tops if abs(other.onset - note.onset) <= beat)
    ]
    line = [
        note if _goes_on(note, line[place + 1 :], plan=plan) else replace(note, pitch=bring_home(note, plan=plan))
        for place, note in enumerate(line)
    ]
    ends = [note.onset for note in line[1:]] + [min(stop, plan.length)]
    most = plan.metre.bar_ticks
    joined = [replace(note, duration=min(end - note.onset, most)) for note, end in zip(line, ends, strict=True)]
    return hold_ends(joined, plan=plan, start=start, stop=stop)


def _goes_on(note: Note, following: Sequence[Note], *, plan: Plan) -> bool:
    """Whether a note may be foreign to its chord: it stands between beats, or goes on by step."""
    is_between = note.onset % plan.metre.beat_ticks > 0
    return is_between or (bool(following) and 1 <= abs(following[0].pitch - note.pitch) <= _STEP)


def _list_strokes(plan: Plan, *, tune: Sequence[Note], start: int, stop: int) -> list[_Stroke]:
    """Where chords are struck: on beats (under a tune, where it strikes too), and at phrase ends where they change."""
    metre, closing = plan.metre, find_closing(plan)
    ends, onsets = list_phrase_ends(plan.sections), {note.onset for note in tune}
    ticks = []
    for tick in range(start, min(stop, closing + 1), metre.beat_ticks):
        bar = tick // metre.bar_ticks
        energy = plan.energies[min(bar, len(plan.energies) - 1)]
        is_new = tick in (start, closing) or plan.chord_at(tick) != plan.chord_at(tick - 1)
        is_felt = tick in onsets if tune else energy >= _MOVING
        if is_new or tick % metre.bar_ticks == 0 or (is_felt and bar not in ends):
            ticks.append(tick)
    last = plan.length if ticks and ticks[-1] >= closing else min(stop, closing)
    pairs = zip(ticks, [*ticks[1:], last], strict=True)
    return [_Stroke(tick, until, chord) for tick, until in pairs if (chord := plan.chord_at(tick)) is not None]


def _describe(
    stroke: _Stroke, *, notes: Sequence[Note], lead: Sequence[Note], tune: Sequence[Note], plan: Plan
) -> Station:
    above = [note.pitch for note in _between(lead, stroke)]
    sung = find_sounding(tune, tick=stroke.tick)
    return Station(
        chord=stroke.chord,
        played=frozenset(note.pitch for note in _between(notes, stroke)),
        ceiling=min(above) - 1 if above else RANGES[-1][1] - plan.key.shift,
        tune=sung[-1].pitch if sung else None,
    )


def _between(notes: Sequence[Note], stroke: _Stroke) -> list[Note]:
    """Notes that sound while the stroke does; `notes` in score order."""
    last = bisect_left(notes, (stroke.stop,), key=lambda note: (note.onset,))
    return [note for note in notes[:last] if note.end > stroke.tick]


def _find_level(notes: Sequence[Note], *, tick: int) -> int:
    near = [note.velocity for note in notes if abs(note.onset - tick) < 48]
    return round(sum(near) / len(near)) if near else _LEVEL


def _strike(
    strokes: Sequence[_Stroke], settings: Sequence[tuple[int, ...]], *, levels: Sequence[int], plan: Plan
) -> list[Note]:
    """The notes of all settings; in soft bars a voice that stays into a weak beat is held."""
    held: dict[int, Note] = {}
    done: list[Note] = []
    for stroke, pitches, level in zip(strokes, settings, levels, strict=True):
        energy = plan.energies[min(stroke.tick // plan.metre.bar_ticks, len(plan.energies) - 1)]
        ties = energy < _FIRM and stroke.tick % plan.metre.chord_ticks > 0
        kept = {pitch: note for pitch, note in held.items() if ties and pitch in pitches}
        done += [note for pitch, note in held.items() if pitch not in kept]
        size = stroke.stop - stroke.tick
        held = {pitch: Note(stroke.tick, pitch, size, level) for pitch in pitches}
        held |= {pitch: replace(note, duration=stroke.stop - note.onset) for pitch, note in kept.items()}
    return [*done, *held.values()]


def _pass(notes: Sequence[Note], *, plan: Plan, draw: Random) -> list[Note]:
    """Passing notes on half beats, at most one between two beats, where bass or tenor moves by a third."""
    beat, scale = plan.metre.beat_ticks, SCALES[plan.key.mode]
    starts: dict[int, list[Note]] = {}
    ends: dict[int, list[Note]] = {}
    for note in sorted(notes):
        starts.setdefault(note.onset, []).append(note)
        ends.setdefault(note.end, []).append(note)
    filled = set(notes)
    for tick in sorted(starts):
        luck = draw.random()
        voices = zip(ends.get(tick, ())[:2], starts[tick][:2], strict=False)
        thirds = [(one, other) for one, other in voices if abs(one.pitch - other.pitch) in (3, 4)]
        if not thirds or luck > _PASSING or thirds[0][0].duration < beat:
            continue
        one, other = thirds[0]
        low, high = sorted((one.pitch, other.pitch))
        between = [pitch for pitch in range(low + 1, high) if pitch % 12 in scale]
        if between:
            half = tick - beat // 2
            filled -= {one}
            filled |= {
                replace(one, duration=half - one.onset),
                Note(half, between[len(between) // 2], tick - half, max(one.velocity - 4, 1)),
            }
    return sorted(filled)
