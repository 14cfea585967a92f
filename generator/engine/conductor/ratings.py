"""What makes a row of chords a section: the taste of the conductor, applied to what the network offers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from generator.engine.conductor.cadences import find_tonic
from generator.engine.conductor.lengths import Frame
from generator.engine.conductor.palettes import Palette
from generator.engine.metrics import SCALES
from generator.engine.plan import Chord, Mode, Section
from generator.engine.score import Part
from generator.engine.styles import Style

_DISTINCT = (3, 3, 4)
_CHANGES = (0.6, 1.0, 1.4)
"""Different chords in a section of four bars and more, and changes per bar, by the style's pace."""
_STRANGE = (0.02, 0.12, 0.25)
"""Share of chords outside the key that a style's colour allows."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmonyTask:
    frame: Frame
    sections: tuple[Section, ...]
    mode: Mode
    style: Style
    palette: Palette
    tune: Part | None = None
    """A motif that the first new section opens with, key-normalised, from tick 0 of the section."""

    @property
    def slot_ticks(self) -> int:
        return self.frame.metre.chord_ticks

    @property
    def slots(self) -> int:
        return -(-self.frame.length // self.slot_ticks)

    @property
    def per_bar(self) -> int:
        return self.frame.metre.bar_ticks // self.slot_ticks


def rate_section(chords: Indices, *, task: HarmonyTask, known: dict[str, Indices]) -> float:
    """0 for a section that moves, stands in its key and brings what the sections before it did not; less otherwise."""
    harmony = task.style.harmony
    bars = len(chords) / task.per_bar
    tonic = find_tonic(task.mode).index
    wanted = min(round(bars), _DISTINCT[harmony.pace])
    changes = float((chords[1:] != chords[:-1]).sum()) / bars
    at_home = float(np.mean(chords == tonic))
    alike = max((_measure_likeness(chords, other) for other in known.values()), default=0.0)
    opens_at_home = bool(known) and bool(chords[0] == tonic)
    return -(
        1.0 * max(wanted - len(set(chords.tolist())), 0)
        + 0.5 * abs(changes - _CHANGES[harmony.pace])
        + 1.5 * max(at_home - 0.5, 0.0)
        + 1.5 * max(0.12 - at_home, 0.0)
        + 3.0 * max(_measure_strangeness(chords, mode=task.mode) - _STRANGE[harmony.colour], 0.0)
        + 3.0 * max(alike - 0.3, 0.0)
        + 0.25 * opens_at_home
    )


def _measure_strangeness(chords: Indices, *, mode: Mode) -> float:
    """Share of chords with a note outside the key."""
    strange = [not set(Chord.from_index(int(index)).pitch_classes) <= SCALES[mode] for index in chords]
    return sum(strange) / len(strange)


def _measure_likeness(chords: Indices, other: Indices) -> float:
    length = min(len(chords), len(other))
    return float(np.mean(chords[:length] == other[:length]))
