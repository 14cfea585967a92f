"""What a player reads while a part is written: what every place of the piece adds to the network, worked out once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from generator.engine.network.fusing import embed_context, fuse_weights
from generator.engine.network.rules import list_rules
from generator.engine.network.store import InstrumentModel, Weights
from generator.engine.plan import Plan, Role
from generator.engine.score import TICKS_PER_QUARTER, Part
from generator.engine.tokens.context import context_table
from generator.engine.tokens.vocabulary import GRID

if TYPE_CHECKING:
    from generator.engine.network.programs import Programs

_PLACE = np.cumsum(np.isin(np.arange(TICKS_PER_QUARTER), GRID)) - 1
"""Index of each tick of a quarter on the grid."""

Integers = npt.NDArray[np.int64]


@dataclass(slots=True)
class Sheet:
    """One part's, read from its beginning on."""

    model: InstrumentModel
    plan: Plan
    role: Role
    fused: Weights
    """The weights as arrays, for what is worked out beforehand."""
    programs: "Programs"
    """What is compiled, with the same weights."""
    rules: dict[str, Any]
    """See `rules`, as tensors."""
    mixed: npt.NDArray[np.float32]
    """What the context adds to layer 1's gates and to the heads at each place of the grid: (places, 4u + heads * k)."""
    places_read: int = 0

    def read_on(self, lead: Part | None, *, until: int) -> None:
        """The places before tick `until`, where the lead is settled."""
        from generator.engine.network.programs import PLACES

        last = count_places(min(until, self.plan.length))
        if last <= self.places_read:
            return
        first = self.places_read // PLACES * PLACES  # whole blocks: a place is mixed as if all were known at once
        ticks = grid_ticks(self.plan.length)[first:last]
        table = context_table(self.plan, role=self.role, lead=lead)
        self.programs.mix_places(embed_context(self.fused, table[ticks]), mixed=self.mixed[first:last])
        self.places_read = last


def open_sheet(model: InstrumentModel, *, plan: Plan, role: Role) -> Sheet:
    """The sheet of one part, good for all its stretches, of which nothing is read yet."""
    from generator.engine.network.programs import freeze_tensors

    fused, programs = fuse_once(model)
    room = len(grid_ticks(plan.length)), fused["mix"].shape[1]
    rules = freeze_tensors(list_rules(model, plan=plan, role=role))
    return Sheet(model, plan, role, fused, programs, rules, np.zeros(room, np.float32))


def read_sheet(model: InstrumentModel, *, plan: Plan, role: Role, lead: Part | None) -> Sheet:
    """The whole sheet of one part."""
    sheet = open_sheet(model, plan=plan, role=role)
    sheet.read_on(lead, until=plan.length)
    return sheet


def count_places(tick: int) -> int:
    """Places of the quarters that are begun before a tick."""
    return -(-tick // TICKS_PER_QUARTER) * len(GRID)


def place_of_ticks(ticks: npt.NDArray[Any]) -> Integers:
    """Index of grid ticks among all places of the grid."""
    return np.asarray(ticks // TICKS_PER_QUARTER * len(GRID) + _PLACE[ticks % TICKS_PER_QUARTER], np.int64)


def grid_ticks(length: int) -> Integers:
    """Of every place of a piece of so many ticks; places after its end stand at its end."""
    quarters = np.arange(length // TICKS_PER_QUARTER + 1)
    ticks = (quarters[:, None] * TICKS_PER_QUARTER + np.array(GRID)[None, :]).ravel()
    return np.asarray(np.minimum(ticks, length), np.int64)


_WEIGHTS: dict[str, tuple[Weights, "Programs"]] = {}


def fuse_once(model: InstrumentModel) -> tuple[Weights, "Programs"]:
    """The model's weights, fused for sampling, as arrays and as tensors in the same memory; made once per process and
    digest. The dense layer over the context is not among the tensors: the programs do not need it."""
    from generator.engine.network.programs import Programs, freeze_tensors

    if model.digest not in _WEIGHTS:
        tensors = freeze_tensors(fuse_weights(model.weights))
        stepping = {name: tensor for name, tensor in tensors.items() if not name.startswith("context/")}
        _WEIGHTS[model.digest] = {name: np.asarray(tensor) for name, tensor in tensors.items()}, Programs(stepping)
    return _WEIGHTS[model.digest]
