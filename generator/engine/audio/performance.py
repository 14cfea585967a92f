"""From a written part to played notes: when each starts and stops, how hard it is struck.

Everything random comes from a seed made of the part itself, so one score always sounds the same, and a part keeps its
sound while the others change.
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.engine.audio.checks import find_instrument
from generator.engine.audio.manner import Manner, find_manner
from generator.engine.plan import Plan, Role
from generator.engine.score import MICRO_PER_TICK, TICKS_PER_QUARTER, Note, Part

_JITTER = {True: 0.0015, False: 0.006}
"""Seconds by which a note is moved to sound human, with a recorded groove (`Note.micro`) and without."""
_LEGATO_GAP = 0.08
_PHRASE_BARS = 4


@dataclass(frozen=True, slots=True, order=True)
class PlayedNote:
    """A note in seconds."""

    start: float
    pitch: int
    stop: float
    velocity: int


def count_frames(plan: Plan, *, sample_rate: int) -> int:
    return round(plan.seconds * sample_rate)


def ring_seconds(plan: Plan) -> float:
    """How long the ending dies away: every note is released half of this before the end, and rings out inside it."""
    return min(2.0, max(0.3, 0.06 * plan.seconds))


def perform_part(part: Part, plan: Plan) -> tuple[PlayedNote, ...]:
    """The part as played, in seconds from the start of the piece; `part` stands in the sounding key."""
    instrument = find_instrument(part)
    manner = find_manner(instrument, role=part.role)
    chance = _draw_chance(part)
    starts = _place_starts(part, plan, manner=manner, chance=chance[:, 0])
    stops = _place_stops(part, plan, manner=manner, starts=starts)
    if instrument.voices == 1:
        stops = _join_line(part, manner=manner, starts=starts, stops=stops)
    stops = _free_repeats(part, starts=starts, stops=stops)
    last = plan.seconds - ring_seconds(plan) / 2.0
    return tuple(
        PlayedNote(
            start=start,
            pitch=note.pitch,
            stop=max(min(stop, last), start + 0.05),
            velocity=_shape_velocity(note, plan, role=part.role, chance=luck),
        )
        for note, start, stop, luck in zip(part.notes, starts, stops, chance[:, 1].tolist(), strict=True)
    )


def _draw_chance(part: Part) -> NDArray[np.float64]:
    """Two numbers in [-1, 1) per note, bell-shaped. Raw bits of PCG64, whose stream numpy promises not to change."""
    digest = hashlib.sha256(repr((part.instrument, part.role, part.notes)).encode()).digest()
    bits = np.random.PCG64(int.from_bytes(digest[:16])).random_raw(4 * len(part.notes))
    uniform = (bits >> np.uint64(11)).astype(np.float64) / 2.0**53
    return np.asarray(uniform.reshape(len(part.notes), 2, 2).sum(axis=2) - 1.0)


def _seconds_per_tick(plan: Plan) -> float:
    return 60.0 / (plan.tempo * TICKS_PER_QUARTER)


def _place_starts(part: Part, plan: Plan, *, manner: Manner, chance: NDArray[np.float64]) -> list[float]:
    """Onsets with groove, one common human error per chord, and the strum."""
    tick = _seconds_per_tick(plan)
    reach = _JITTER[any(note.micro for note in part.notes)]
    starts: list[float] = []
    chord_onset, chord_error, rank = -1, 0.0, 0
    for note, luck in zip(part.notes, chance.tolist(), strict=True):
        if note.onset != chord_onset:
            chord_onset, chord_error, rank = note.onset, luck * reach, 0
        written = (note.onset + note.micro / MICRO_PER_TICK) * tick
        starts.append(max(0.0, written + chord_error + rank * manner.spread))
        rank += 1
    return starts


def _place_stops(part: Part, plan: Plan, *, manner: Manner, starts: list[float]) -> list[float]:
    tick = _seconds_per_tick(plan)
    stops = []
    for note, start in zip(part.notes, starts, strict=True):
        held = max(manner.shortest, note.duration * tick * manner.gate)
        until = _ring_end(note, plan) * tick if manner.rings else 0.0
        stops.append(max(start + held, until))
    return stops


def _ring_end(note: Note, plan: Plan) -> int:
    """Tick until which the pedal holds a chord tone: the next change of chord, a bar later at most."""
    slot = plan.metre.chord_ticks
    chord = plan.chord_at(note.onset)
    if chord is None or (note.pitch - plan.key.shift) % 12 not in chord.pitch_classes:
        return note.end
    end = (note.onset // slot + 1) * slot
    limit = min(note.onset + plan.metre.bar_ticks, plan.length)
    while end < limit and plan.chord_at(end) == chord:
        end += slot
    return max(note.end, min(end, limit))


def _join_line(part: Part, *, manner: Manner, starts: list[float], stops: list[float]) -> list[float]:
    """A single line: neighbours are tied over (legato) or kept apart, never left sounding together for long."""
    joined = list(stops)
    for index in range(len(starts) - 1):
        following = starts[index + 1]
        if part.notes[index + 1].onset == part.notes[index].onset:
            continue
        near = following - stops[index] < _LEGATO_GAP
        if manner.overlap and near:
            joined[index] = following + manner.overlap
        else:
            joined[index] = min(stops[index], following)
    return joined


def _free_repeats(part: Part, *, starts: list[float], stops: list[float]) -> list[float]:
    """A pitch is let go just before it is struck again, or the second stroke would not be heard."""
    freed = list(stops)
    next_start: dict[int, float] = {}
    for index in range(len(starts) - 1, -1, -1):
        pitch = part.notes[index].pitch
        if pitch in next_start:
            freed[index] = min(freed[index], max(starts[index] + 0.03, next_start[pitch] - 0.02))
        next_start[pitch] = starts[index]
    return freed


def _shape_velocity(note: Note, plan: Plan, *, role: str, chance: float) -> int:
    """The written velocity with a metric accent, a phrase's rise and fall, and a little chance."""
    velocity = note.velocity + 3.0 * chance
    if role != Role.RHYTHM:
        velocity += _metric_accent(note, plan) + _phrase_arch(note, plan)
    return min(127, max(1, round(velocity)))


def _metric_accent(note: Note, plan: Plan) -> float:
    place = note.onset % plan.metre.bar_ticks
    if place == 0:
        return 4.0
    if place % plan.metre.chord_ticks == 0:
        return 1.5
    return 0.0 if place % plan.metre.beat_ticks == 0 else -3.0


def _phrase_arch(note: Note, plan: Plan) -> float:
    """Up by 4 towards the third of four bars, down by 2 at both ends."""
    bar_ticks = plan.metre.bar_ticks
    start = plan.section_at(note.onset).start_bar * bar_ticks if plan.sections else 0
    place = (note.onset - start) / (_PHRASE_BARS * bar_ticks) % 1.0
    return 6.0 * math.sin(math.pi * place**1.3) - 2.0
