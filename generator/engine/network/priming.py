"""What the sampling loop is told before it starts: the call's limits and context, the state after the history."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.foresight import Ahead
from generator.engine.network.fusing import sum_gates
from generator.engine.network.limits import CONTEXT_ROWS, HISTORY_ROWS, LANES, MOST_VOICES
from generator.engine.network.sheet import Sheet, count_places, grid_ticks, place_of_ticks
from generator.engine.plan import Chord, Key, Metre, Mode, Plan, Section
from generator.engine.score import TICKS_PER_QUARTER, Note
from generator.engine.tokens.events import encode_notes
from generator.engine.tokens.vocabulary import GRID, LOWEST_PITCH, MAX_TIME, TIME_COUNT

FAR = 2**30
DENSITY_NATS = 0.7
"""How much a density of 0 or 1 moves a distance against its half."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What is asked for: notes with onsets in [start, stop) after `history`, and before what stands `ahead`, if any."""

    start: int
    stop: int
    history: tuple[Note, ...]
    ahead: Ahead | None = None

    def final(self, plan: Plan) -> int | None:
        """The last bar line of a piece that ends at `stop`: there the last note or chord is struck."""
        bar_line = (plan.bars - 1) * plan.metre.bar_ticks
        return bar_line if self.stop == plan.length and bar_line >= self.start else None


def prepare_call(
    sheet: Sheet, passage: Passage, *, temperature: float, nucleus: float, density: float | None
) -> dict[str, Any]:
    """Everything that stays the same during a call, as tensors of fixed shapes (so nothing is compiled twice)."""
    from generator.engine.network.programs import freeze_tensors

    final = passage.final(sheet.plan)
    first = _first_place(passage)
    asked = {
        **_take_places(sheet, passage, first=first),
        "first_place": np.int32(first),
        "start": np.int32(passage.start),
        "stop": np.int32(passage.stop),
        "final": np.int32(FAR if final is None else final),
        "cadence": np.bool_(final is not None),
        "time_bias": _density_bias(density),
        "temperature": np.float32(temperature),
        "nucleus": np.float32(nucleus),
    }
    return sheet.rules | freeze_tensors(asked)


def _first_place(passage: Passage) -> int:
    last = max((note.onset for note in passage.history), default=0)
    return min(last, passage.start) // TICKS_PER_QUARTER * len(GRID)


def _take_places(sheet: Sheet, passage: Passage, *, first: int) -> dict[str, npt.NDArray[np.float32]]:
    """The places from `first` to the quarter of the stop, in tables of one of the sizes that the loop knows: what each
    adds to the gates of layer 1, to the head of time, and to the heads of the note. From the last note of the history
    on, whose successor is the first to see it, they also tell what stands ahead."""
    last = count_places(passage.stop)
    places = sheet.mixed[first:last]
    room = next((rows for rows in CONTEXT_ROWS if len(places) <= rows), None)
    if room is None:
        raise ModelError(f"{len(places)} places are too many for one call: write the part section by section.")
    if passage.ahead is not None:
        ticks, bar_ticks = grid_ticks(sheet.plan.length)[first:last], sheet.plan.metre.bar_ticks
        places = places + passage.ahead.shares(ticks, slug=sheet.model.slug, stop=passage.stop, bar_ticks=bar_ticks)
    gates, time = sheet.fused["time/gates"].shape[1], sheet.model.architecture.head_units
    shares = {"gates": slice(gates), "time": slice(gates, gates + time), "note": slice(gates + time, None)}
    return {f"context/{name}": _pad(places[:, share], room=room) for name, share in shares.items()}


def _pad(places: npt.NDArray[np.float32], *, room: int) -> npt.NDArray[np.float32]:
    padded = np.zeros((room, places.shape[1]), np.float32)
    padded[: len(places)] = places
    return padded


def _density_bias(density: float | None) -> npt.NDArray[np.float32]:
    """Nats to add to each time symbol: `density` above 0.5 prefers short distances, below it long ones."""
    bias = np.zeros(TIME_COUNT, np.float32)
    if density is not None:
        distances = np.concatenate([[3.0], np.arange(1, MAX_TIME + 1)])
        bias[: MAX_TIME + 1] = -(density - 0.5) * 2 * DENSITY_NATS * np.log2(distances / 12.0)
    return bias


def prepare_state(sheet: Sheet, history: Sequence[Note]) -> dict[str, Any]:
    """The loop's state after the history: 16 equal lanes, as tensors."""
    from generator.engine.network.programs import freeze_tensors

    rows, ticks = encode_notes(history[-_HISTORY_NOTES:], drums=INSTRUMENTS[sheet.model.slug].is_drums)
    rows, ticks = rows[:-1], ticks[:-1]  # without END
    ends = sorted((note.end for note in history), reverse=True)[:MOST_VOICES]
    chord = [note.pitch - LOWEST_PITCH for note in history[-_HISTORY_NOTES:] if note.onset == ticks[-1]]
    state = {
        "row": rows[-1],
        "tick": ticks[-1],
        "low": np.int32(min(chord, default=0)),
        "size": np.int32(max(len(chord), 1)),
        "run": np.int32(_count_run(rows)),
        "ends": np.array(ends + [0] * (MOST_VOICES - len(ends)), np.int32),
        "done": np.bool_(False),
        "score": np.float32(0.0),
    }
    lanes = {name: np.repeat(np.asarray(value)[None], LANES, axis=0) for name, value in state.items()}
    return {**freeze_tensors(lanes), "lstm": _read_history(sheet, rows=rows[:-1], ticks=ticks[:-1])}


_HISTORY_NOTES = 2 * HISTORY_ROWS
"""Of the past, the most that any of the rows that are read can hang on."""


def _count_run(rows: npt.NDArray[np.int32]) -> int:
    """How many of the last rows strike the same pitch."""
    same = rows[::-1, 1] == rows[-1, 1]
    return int(len(same) if same.all() else same.argmin())


def _read_history(sheet: Sheet, *, rows: npt.NDArray[np.int32], ticks: npt.NDArray[np.int32]) -> Any:
    """The LSTM's state after up to HISTORY_ROWS rows."""
    rows, ticks = rows[-HISTORY_ROWS:], ticks[-HISTORY_ROWS:]
    gates = np.zeros((HISTORY_ROWS, sheet.fused["time/gates"].shape[1]), np.float32)
    gates[: len(rows)] = sum_gates(sheet.fused, rows, sheet.mixed[place_of_ticks(ticks)])
    return sheet.programs.read_rows(gates, len(rows))


def rehearsal_plan() -> Plan:
    """Two bars of C major."""
    return Plan(
        style="classical", mood="calm", key=Key(0, Mode.MAJOR), metre=Metre(4, 4), tempo=100.0, length=192,
        sections=(Section("A", 0, 2, 0.5),), chords=(Chord(0, "maj"),) * 4, energies=(0.5, 0.5),
    )  # fmt: skip
