"""What the grammar keeps to throughout a part: what the instrument can play and what the plan ends with."""

from typing import Any

import numpy as np
import numpy.typing as npt

from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.network.store import InstrumentModel
from generator.engine.plan import Chord, Mode, Plan, Role
from generator.engine.tokens.vocabulary import DRUM_TICKS, LOWEST_PITCH, PITCH_COUNT, duration_symbol

LATE_BARS = 2
"""Within so many bars of the stop a part may fall silent."""


def list_rules(model: InstrumentModel, *, plan: Plan, role: Role) -> dict[str, Any]:
    """As arrays, under the names that `grammar` reads."""
    instrument = INSTRUMENTS[model.slug]
    return {
        "holds": np.bool_(not instrument.is_drums),
        "length": np.int32(plan.length),
        "late": np.int32(LATE_BARS * plan.metre.bar_ticks),
        "voices": np.int32(instrument.voices),
        "span": np.int32(instrument.span),
        "run_limit": np.int32(model.run_limit),
        "drum_duration": np.int32(duration_symbol(DRUM_TICKS)),
        "range": _playable(instrument, shift=plan.key.shift),
        "closing": _closing_pitches(plan, role=role, instrument=instrument),
    }


def _playable(instrument: Instrument, *, shift: int) -> npt.NDArray[np.bool_]:
    """Normalised pitches that lie within the instrument's range in the sounding key."""
    moved = np.arange(PITCH_COUNT) + LOWEST_PITCH + (0 if instrument.is_drums else shift)
    return (moved >= instrument.lowest) & (moved <= instrument.highest)


def _closing_pitches(plan: Plan, *, role: Role, instrument: Instrument) -> npt.NDArray[np.bool_]:
    """Pitches of the closing chord; its root alone for a bass; anything for drums."""
    if instrument.is_drums:
        return np.ones(PITCH_COUNT, np.bool_)
    tonic = plan.key.normal_tonic
    chord = plan.chord_at(plan.length - 1) or Chord(tonic, "maj" if plan.key.mode is Mode.MAJOR else "min")
    classes = (chord.root,) if role is Role.BASS else chord.pitch_classes
    return np.isin((np.arange(PITCH_COUNT) + LOWEST_PITCH) % 12, classes)
