"""What a network sees of the plan and of the lead at each tick: a table of categories, one column per feature.

====================  =======================================================================================
position   (192)      ticks since the bar line                    phase  (48)   ticks since the felt beat
metre      (12)       see `METRES`                                mode   (2)    major, minor
chord, next, after    (49 each) the chord of this slot and of the two that follow, 48 for none
energy     (8)        the bar's energy                            style  (24)   see `STYLES`
role       (5)        what the part is for                        left   (17)   bars to the end of the piece, 16: more
phrase     (8)        bar within the section, modulo 8
lead       (90)       0 no lead part, 1 it rests, else the pitch that sounds
lead_next  (90)       the pitch it strikes next, in the same code
lead_age   (26)       ticks since it last struck, 25: longer
lead_wait  (50)       ticks until it strikes next, 49: longer
====================  =======================================================================================
"""

import numpy as np
import numpy.typing as npt

from generator.engine.plan import CHORD_COUNT, NO_CHORD, Mode, Plan, Role
from generator.engine.score import Note, Part
from generator.engine.tokens.events import single_line, snap_notes
from generator.engine.tokens.vocabulary import LOWEST_PITCH, PITCH_COUNT

METRES = ("other", "4/4", "3/4", "2/4", "6/8", "3/8", "9/8", "12/8", "2/2", "3/2", "6/4", "5/4")
STYLES = (
    "other", "classical", "art-song", "guitar", "folk", "pop", "rock", "funk", "jazz", "latin", "hiphop", "soul",
    "afrobeat", "afrocuban", "blues", "country", "dance", "gospel", "highlife", "middleeastern", "neworleans", "punk",
    "reggae", "spare",
)  # fmt: skip
"""Labels that networks were trained with; any other is 'other'."""

LEAD_COUNT = PITCH_COUNT + 2
FEATURES = {
    "position": 192, "phase": 48, "metre": len(METRES), "mode": 2, "chord": CHORD_COUNT, "next": CHORD_COUNT,
    "after": CHORD_COUNT, "energy": 8, "style": len(STYLES), "role": 5, "left": 17, "phrase": 8,
    "lead": LEAD_COUNT, "lead_next": LEAD_COUNT, "lead_age": 26, "lead_wait": 50,
}  # fmt: skip
"""Categories of each column, in column order."""
CONTEXT_SIZE = sum(FEATURES.values())
OFFSETS = np.cumsum([0, *FEATURES.values()])[:-1]

_ROLES = tuple(Role)

Table = npt.NDArray[np.int16]


def context_table(plan: Plan, *, role: Role, lead: Part | None) -> Table:
    """Categories at each tick from 0 to `plan.length`, plus their column's offset: (length + 1, features)."""
    columns = {**_plan_columns(plan), **_lead_columns(lead, length=plan.length + 1)}
    columns["role"] = np.full(plan.length + 1, _ROLES.index(Role(role)))
    columns["style"] = np.full(plan.length + 1, STYLES.index(plan.style) if plan.style in STYLES else 0)
    table = np.stack([np.clip(columns[name], 0, size - 1) for name, size in FEATURES.items()], axis=1)
    return np.asarray(table + OFFSETS, np.int16)


def _plan_columns(plan: Plan) -> dict[str, npt.NDArray[np.int64]]:
    ticks = np.arange(plan.length + 1)
    metre = plan.metre
    bars = ticks // metre.bar_ticks
    chords = np.array([NO_CHORD if chord is None else chord.index for chord in plan.chords] or [NO_CHORD])
    energies = np.array(plan.energies or (0.5,))
    starts = np.array([section.start_bar for section in plan.sections] or [0])
    section = np.maximum(np.searchsorted(starts, bars, side="right") - 1, 0)
    slots = ticks // metre.chord_ticks
    last = len(chords) - 1
    return {
        "position": ticks % metre.bar_ticks,
        "phase": ticks % metre.bar_ticks % metre.beat_ticks,
        "metre": np.full(len(ticks), METRES.index(str(metre)) if str(metre) in METRES else 0),
        "mode": np.full(len(ticks), int(plan.key.mode is Mode.MINOR)),
        "chord": chords[np.minimum(slots, last)],
        "next": chords[np.minimum(slots + 1, last)],
        "after": chords[np.minimum(slots + 2, last)],
        "energy": np.minimum(energies[np.minimum(bars, len(energies) - 1)] * 8, 7).astype(np.int64),
        "left": plan.bars - 1 - bars,
        "phrase": np.maximum(bars - starts[section], 0) % 8,
    }


def _lead_columns(lead: Part | None, *, length: int) -> dict[str, npt.NDArray[np.int64]]:
    if lead is None:
        absent = {"lead": 0, "lead_next": 0, "lead_age": FEATURES["lead_age"], "lead_wait": FEATURES["lead_wait"]}
        return {name: np.full(length, category) for name, category in absent.items()}
    line = [note for note in single_line(snap_notes(lead.notes)) if note.onset < length]
    onsets = np.array([note.onset for note in line], np.int64)
    pitches = np.array([note.pitch - LOWEST_PITCH + 2 for note in line] + [1], np.int64)
    ticks = np.arange(length)
    following = np.searchsorted(onsets, ticks, side="right")
    far = np.int64(10**6)
    return {
        "lead": _sounding_pitches(line, length=length),
        "lead_next": pitches[following],
        "lead_age": ticks - np.concatenate([[-far], onsets])[following],
        "lead_wait": np.concatenate([onsets, [far]])[following] - ticks,
    }


def _sounding_pitches(line: list[Note], *, length: int) -> npt.NDArray[np.int64]:
    sounding = np.ones(length, np.int64)
    for note in line:
        sounding[note.onset : note.end] = note.pitch - LOWEST_PITCH + 2
    return sounding
