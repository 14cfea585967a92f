"""Bridging: no bar of a part that has begun stays silent unasked; a held note of the chord carries the line over it.
Whoever plays alone begins with the piece and is silent for half a bar at most."""

from collections.abc import Sequence

from generator.engine.composing.finishing import find_nearest_pitch, list_lasting_tones
from generator.engine.instruments import INSTRUMENTS
from generator.engine.metrics import list_silent_bars
from generator.engine.plan import Plan
from generator.engine.score import Note

_LEVEL = 64


def bridge_silence(notes: Sequence[Note], *, plan: Plan, instrument: str, start: int, stop: int) -> tuple[Note, ...]:
    """The notes and one more for every silent bar within [start, stop), near the note before it."""
    size, player = plan.metre.bar_ticks, INSTRUMENTS[instrument]
    bridged = sorted(notes)
    for bar in list_silent_bars(bridged, plan=plan, start=start, stop=stop):
        at, end = bar * size, min((bar + 1) * size, stop)
        before = [note for note in bridged if note.onset < at]
        near = before[-1] if before else next(iter(bridged), None)
        tones = list_lasting_tones(plan, start=at, stop=end)
        if not tones or near is None or end <= max(at, start):
            continue
        pitch = find_nearest_pitch(near.pitch, tones=tones, plan=plan, player=player)
        level = min(near.velocity, _LEVEL)
        bridged = sorted([*bridged, Note(max(at, start), pitch, end - max(at, start), level)])
    return tuple(bridged)


def fill_pauses(notes: Sequence[Note], *, plan: Plan, instrument: str, start: int, stop: int) -> tuple[Note, ...]:
    """The notes of a player who is alone, and one more in every pause of more than half a bar within [start, stop),
    from the next chord on; at the piece's beginning in one of a beat."""
    slot, most, line = plan.metre.chord_ticks, plan.metre.bar_ticks // 2 + 1, sorted(notes)
    filled, reached = [*line], start
    for near, onset in [*((note, note.onset) for note in line), *((note, stop) for note in line[-1:])]:
        until = min(onset, stop)
        begin = -(-reached // slot) * slot
        tones = list_lasting_tones(plan, start=begin, stop=until)
        if tones and until - reached >= (most if reached else plan.metre.beat_ticks):
            pitch = find_nearest_pitch(near.pitch, tones=tones, plan=plan, player=INSTRUMENTS[instrument])
            filled.append(Note(begin, pitch, until - begin, min(near.velocity, _LEVEL)))
        reached = max(reached, min(near.end, stop))
    return tuple(sorted(filled))
