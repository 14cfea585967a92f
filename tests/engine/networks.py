"""Small untrained networks: what the grammar promises must hold whatever the weights say."""

from pathlib import Path

import numpy as np

from generator.engine.network.architecture import Architecture
from generator.engine.network.store import InstrumentModel, save_model
from generator.engine.plan import Chord, Key, Metre, Mode, Plan, Section

SMALL = {
    "units": 16, "context_units": 12, "time_units": 4, "pitch_units": 6, "duration_units": 4, "velocity_units": 4,
    "micro_units": 4, "head_units": 16,
}  # fmt: skip


def small_architecture(*, drums: bool = False) -> Architecture:
    return Architecture(heads=Architecture.for_instrument(drums=drums).heads, **SMALL)


def store_small_model(slug: str, *, folder: Path, spread: float = 0.4, run_limit: int = 5) -> InstrumentModel:
    """A network of random weights, stored and read back."""
    from generator.engine.network.build import build_network, named_weights

    architecture = small_architecture(drums=slug == "drums")
    random = np.random.default_rng(7)
    shapes = {name: tuple(weight.shape) for name, weight in named_weights(build_network(architecture)).items()}
    weights = {name: random.normal(0.0, spread, shape).astype(np.float32) for name, shape in shapes.items()}
    return save_model(
        slug=slug, architecture=architecture, weights=weights, run_limit=run_limit, manifest={}, folder=folder
    )


def make_plan(*, bars: int = 8, key: Key | None = None, metre: Metre | None = None, cut: int = 0) -> Plan:
    """I vi IV V in half bars; the last bar shortened by `cut` ticks."""
    metre = metre or Metre(4, 4)
    loop = (Chord(0, "maj"), Chord(9, "min"), Chord(5, "maj"), Chord(7, "dom7"))
    slots = bars * metre.bar_ticks // metre.chord_ticks
    chords = [loop[slot % 4] for slot in range(slots)]
    closing = metre.bar_ticks // metre.chord_ticks
    chords[-closing:] = [Chord(0, "maj")] * closing
    return Plan(
        style="pop", mood="bright", key=key or Key(0, Mode.MAJOR), metre=metre, tempo=100.0,
        length=bars * metre.bar_ticks - cut, sections=(Section("A", 0, bars, 0.5),), chords=tuple(chords),
        energies=(0.5,) * bars,
    )  # fmt: skip
