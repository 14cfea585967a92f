"""A part written by an instrument's network: the door that composing uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Required, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.foresight import Ahead
from generator.engine.network.limits import LANES, STEPS
from generator.engine.network.priming import FAR, Passage, prepare_call, prepare_state, rehearsal_plan
from generator.engine.network.randomness import Dice
from generator.engine.network.sheet import Sheet, read_sheet
from generator.engine.network.store import InstrumentModel, read_model
from generator.engine.plan import Plan, Role
from generator.engine.score import Note, Part
from generator.engine.tokens.vocabulary import LOWEST_PITCH, micro_value, velocity_value

MOST_CALLS = 160
"""Of the compiled loop for one request: 10,240 rows, several times what 180 s can hold."""


@dataclass(frozen=True, slots=True)
class Candidate:
    notes: tuple[Note, ...]
    """Key-normalised, onsets within [start, stop), in score order."""
    log_likelihood: float
    """Of all that was drawn, in nats to two places, by the unmasked network at temperature 1."""


@cache
def load_model(slug: str) -> InstrumentModel:
    """The instrument's shipped network, read and verified once per process. Raises ModelError."""
    return read_model(slug)


@cache
def load_grammar(slug: str) -> InstrumentModel:
    """The instrument without its network: every symbol that the grammar allows is as likely as any other. For measuring
    what the network is worth."""
    model = load_model(slug)
    silent = {name: np.zeros_like(array) for name, array in model.packed.items()}
    return replace(model, digest=f"none/{slug}", packed=silent)


def warm(model: InstrumentModel) -> None:
    """Compile the sampling loop, so that the first request need not wait for it."""
    role = INSTRUMENTS[model.slug].roles[0]
    plan = rehearsal_plan()
    history = (Note(0, 60, 12), Note(12, 62, 12))
    bar = plan.metre.bar_ticks
    sample_notes(
        model, plan=plan, role=role, lead=None, start=bar, stop=bar * 2, history=history, seed=0, stream="warm"
    )


class Asked(TypedDict, total=False):
    """What can be asked of the sampler; see `sample_stretch`."""

    start: Required[int]
    stop: Required[int]
    history: Sequence[Note]
    ahead: Ahead | None
    seed: Required[int]
    stream: Required[str]
    candidates: int
    temperature: float
    nucleus: float
    density: float | None
    on_progress: Callable[[int], None] | None


def sample_notes(
    model: InstrumentModel, *, plan: Plan, role: Role, lead: Part | None, **asked: Unpack[Asked]
) -> tuple[Candidate, ...]:
    """`sample_stretch` for a single stretch of a part."""
    return sample_stretch(read_sheet(model, plan=plan, role=role, lead=lead), **asked)


def sample_stretch(
    sheet: Sheet,
    *,
    start: int,
    stop: int,
    history: Sequence[Note] = (),
    ahead: Ahead | None = None,
    seed: int,
    stream: str,
    candidates: int = 16,
    temperature: float = 1.0,
    nucleus: float = 0.97,
    density: float | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> tuple[Candidate, ...]:
    """Ways to go on from the notes of `history` before `start` with notes whose onsets lie in [start, stop) ticks.

    Where `stop` is the end of the plan, the last note falls on the last bar line, in the closing chord, and is held
    to the end. At the default temperature and nucleus chord tones, leaps, lengths and repeats come out as people's
    do; colder ones are tamer than people. `density` leans towards longer (0) or shorter (1) distances; None or 0.5
    leaves the network alone. What stands `ahead` of a gap is known while the gap is written. `on_progress` is told the
    tick that the slowest candidate has reached. Raises ModelError.
    """
    if not 0 <= start < stop <= sheet.plan.length:
        raise ModelError(
            f"Cannot write ticks {start} to {stop} of a plan of {sheet.plan.length}: name a span within it."
        )
    past = tuple(sorted(note for note in history if note.onset < start))
    passage = Passage(start, stop, past, ahead)
    call = prepare_call(sheet, passage, temperature=temperature, nucleus=nucleus, density=density)
    state = prepare_state(sheet, passage.history)
    found: list[Candidate] = []
    for first in range(0, candidates, LANES):
        dice = Dice(seed=seed, stream=stream, candidates=range(first, first + LANES))
        written, scores = _run_lanes(sheet, call=call, state=state, dice=dice, on_progress=on_progress)
        found += [
            Candidate(_to_notes(sheet.model, written[:, lane]), round(float(scores[lane]), 2)) for lane in range(LANES)
        ]
    return tuple(found[:candidates])


def _run_lanes(
    sheet: Sheet,
    *,
    call: dict[str, Any],
    state: dict[str, Any],
    dice: Dice,
    on_progress: Callable[[int], None] | None,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """All rows of all lanes (rows, lanes, 6) and the lanes' log-likelihoods."""
    pages = []
    heads = len(sheet.model.architecture.heads)
    for _ in range(MOST_CALLS):
        state, page = sheet.programs.write_rows(call, state, dice.throw(steps=STEPS, heads=heads))
        pages.append(page.numpy())
        done, ticks = state["done"].numpy(), state["tick"].numpy()
        if on_progress is not None:
            on_progress(int(call["stop"].numpy() if done.all() else ticks[~done].min()))
        if done.all():
            break
    return np.concatenate(pages), state["score"].numpy()


def _to_notes(model: InstrumentModel, rows: npt.NDArray[np.int32]) -> tuple[Note, ...]:
    """The notes of one lane's rows (n, 6), which are written in score order. A pitch struck again while it sounds ends
    where it is struck; drums ring on."""
    is_drums = INSTRUMENTS[model.slug].is_drums
    struck: dict[int, int] = {}
    notes = []
    for onset, pitch, ticks, velocity, micro in reversed(rows[rows[:, 5] != 0, :5].tolist()):
        if not is_drums:
            ticks = min(ticks, struck.get(pitch, FAR) - onset)
            struck[pitch] = onset
        notes.append(Note(onset, pitch + LOWEST_PITCH, ticks, velocity_value(velocity), micro_value(micro)))
    notes.reverse()
    return tuple(notes)
