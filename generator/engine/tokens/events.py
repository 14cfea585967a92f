"""Notes to rows of symbols and back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from generator.engine.score import MICRO_PER_TICK, Note
from generator.engine.tokens.vocabulary import (
    DRUM_TICKS,
    DURATION_COUNT,
    DURATIONS,
    END,
    HIGHEST_PITCH,
    LOWEST_PITCH,
    MAX_TIME,
    MICRO_CENTRE,
    MICRO_COUNT,
    PITCH_COUNT,
    SHIFT,
    START_ROW,
    VELOCITY_COUNT,
    duration_symbol,
    micro_symbol,
    micro_value,
    snap_onset,
    velocity_symbol,
    velocity_value,
)

Rows = npt.NDArray[np.int32]

_NO_NOTE = (PITCH_COUNT, DURATION_COUNT, VELOCITY_COUNT, MICRO_COUNT)


def snap_notes(notes: Iterable[Note], *, drums: bool = False) -> list[Note]:
    """Notes on the grid and inside the vocabulary's pitches, one per onset and pitch, in score order.

    What the snapping takes from a drum's onset its `micro` keeps."""
    snapped: dict[tuple[int, int], Note] = {}
    for note in notes:
        if not LOWEST_PITCH <= note.pitch <= HIGHEST_PITCH:
            continue
        onset = snap_onset(note.onset)
        micro = note.micro + (note.onset - onset) * MICRO_PER_TICK if drums else 0
        kept = snapped.get((onset, note.pitch))
        if kept is None or kept.duration < note.duration:
            is_there = onset == note.onset and micro == note.micro
            snapped[onset, note.pitch] = note if is_there else replace(note, onset=onset, micro=micro)
    return [snapped[place] for place in sorted(snapped)]


def single_line(notes: Sequence[Note]) -> list[Note]:
    """The highest note of each onset, each cut where the next begins: what a one-voice instrument can play."""
    highest = {note.onset: note for note in notes}  # notes ascend, so the last of an onset is its highest
    line = list(highest.values())
    cut = [
        note if note.end <= after.onset else replace(note, duration=after.onset - note.onset)
        for note, after in pairwise(line)
    ]  # all but the last
    return cut + line[-1:]


def encode_notes(notes: Iterable[Note], *, drums: bool = False) -> tuple[Rows, Rows]:
    """START, the notes, END: rows (n, 5) and the tick at which each stands (n,)."""
    rows, ticks = [START_ROW], [0]
    now = 0
    for note in snap_notes(notes, drums=drums):
        while note.onset - now > MAX_TIME:
            now += MAX_TIME
            rows.append((SHIFT, *_NO_NOTE))
            ticks.append(now)
        rows.append(_encode_note(note, since=note.onset - now, drums=drums))
        now = note.onset
        ticks.append(now)
    rows.append((END, *_NO_NOTE))
    ticks.append(now)
    return np.array(rows, np.int32), np.array(ticks, np.int32)


def _encode_note(note: Note, *, since: int, drums: bool) -> tuple[int, int, int, int, int]:
    duration = DRUM_TICKS if drums else note.duration
    micro = micro_symbol(note.micro) if drums else MICRO_CENTRE
    pitch = note.pitch - LOWEST_PITCH
    return since, pitch, duration_symbol(duration), velocity_symbol(note.velocity), micro


def decode_rows(rows: Rows) -> list[Note]:
    """The notes that rows of symbols stand for; START, SHIFT and END only move or stop the clock."""
    notes: list[Note] = []
    now = 0
    for time, pitch, duration, velocity, micro in rows.tolist():
        if time == END:
            break
        if time <= SHIFT:
            now += min(time, MAX_TIME)
        if pitch < PITCH_COUNT:
            notes.append(
                Note(now, pitch + LOWEST_PITCH, DURATIONS[duration], velocity_value(velocity), micro_value(micro))
            )
    return notes
