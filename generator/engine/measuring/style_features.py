"""What a piece looks like to somebody who hears neither its tempo nor its instruments' sounds: a row of numbers."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from generator.engine.metrics import SCALES, list_top_line, measure_likeness_of_rhythm, measure_sounding
from generator.engine.plan import Chord, Piece, Plan, Role
from generator.engine.score import Note

_PITCHED = (Role.LEAD, Role.HARMONY, Role.BASS)
_DRUMS = {
    "kick": (35, 36),
    "snare": (38, 40),
    "stick": (37, 39),
    "closed": (42, 44),
    "open": (46,),
    "ride": (51, 53, 59),
    "crash": (49, 52, 55, 57),
    "toms": (41, 43, 45, 47, 48, 50),
    "hand": (54, 56, 58),
}
_PLACES = 8
"""Places of a bar at which each drum's strokes are counted."""

Row = npt.NDArray[np.float64]


def describe_piece(piece: Piece) -> dict[str, float]:
    """Features by name: harmony, rhythm, density, register, loudness and drum patterns."""
    plan = piece.plan
    found = _describe_harmony(plan)
    for role in _PITCHED:
        notes = [note for part in piece.parts if part.role == role for note in part.notes]
        found |= {f"{role}_{name}": value for name, value in _describe_line(sorted(notes), plan=plan).items()}
    drums = sorted(note for part in piece.parts if part.role == Role.RHYTHM for note in part.notes)
    return found | _describe_drums(drums, plan=plan)


def stack_rows(pieces: Iterable[Piece]) -> Row:
    """(pieces, features)"""
    rows = [describe_piece(piece) for piece in pieces]
    return np.array([[row[name] for name in sorted(row)] for row in rows], np.float64)


def _describe_harmony(plan: Plan) -> dict[str, float]:
    chords = [chord for chord in plan.chords if chord is not None]
    tonic = plan.key.normal_tonic
    degrees = [(chord.root - tonic) % 12 for chord in chords]
    changes = [before != after for before, after in pairwise(chords)]
    falls = [(before.root - after.root) % 12 == 7 for before, after in pairwise(chords) if before != after]
    cycle = 4 * plan.metre.bar_ticks // plan.metre.chord_ticks
    again = [one == other for one, other in zip(chords, chords[cycle:], strict=False)]
    return {
        "changes": sum(changes) / plan.bars,
        "distinct": len(set(chords)) / plan.bars,
        "sevenths": _share(chord.quality == "dom7" for chord in chords),
        "diminished": _share(chord.quality == "dim" for chord in chords),
        "minor": _share(chord.quality == "min" for chord in chords),
        "strange": _share(not set(_triad(chord)) <= SCALES[plan.key.mode] for chord in chords),
        "falling_fifths": _share(falls),
        "cycles": _share(again),
        "tonic": _share(degree == 0 for degree in degrees),
        "subdominant": _share(degree == 5 for degree in degrees),
        "dominant": _share(degree == 7 for degree in degrees),
        "flat_seventh": _share(degree == 10 for degree in degrees),
        "triple": float(plan.metre.numerator == 3),
        "compound": float(plan.metre.is_compound),
    }


def _triad(chord: Chord) -> tuple[int, ...]:
    return chord.pitch_classes[:3]


def _describe_line(notes: Sequence[Note], *, plan: Plan) -> dict[str, float]:
    if not notes:
        return dict.fromkeys(_LINE, 0.0)
    quarters, beat = plan.length / 24, plan.metre.beat_ticks
    onsets = sorted({note.onset for note in notes})
    tops = list_top_line(notes)
    moves = [abs(after - before) for before, after in pairwise(tops)]
    gaps = [after - before for before, after in pairwise(onsets)]
    pitches = [note.pitch for note in notes]
    velocities = [note.velocity for note in notes]
    return dict(
        zip(
            _LINE,
            (
                len(onsets) / quarters,
                len(notes) / len(onsets),
                float(np.mean([note.duration for note in notes])) / 24,
                float(np.std(gaps)) / 24 if gaps else 0.0,
                _share(onset % beat == 0 for onset in onsets),
                _share(onset % 12 == 0 and onset % beat != 0 for onset in onsets),
                _share(onset % 12 != 0 and onset % 4 == 0 for onset in onsets),
                _share(onset % 6 == 0 and onset % 12 != 0 for onset in onsets),
                measure_sounding(notes, start=0, stop=plan.length),
                measure_likeness_of_rhythm(notes, metre=plan.metre, start=0, stop=plan.length),
                float(np.mean(pitches)),
                float(np.std(pitches)),
                _share(move <= 2 for move in moves),
                _share(move == 0 for move in moves),
                _share(note.pitch % 12 in SCALES[plan.key.mode] for note in notes),
                float(np.mean(velocities)),
                float(np.std(velocities)),
                _share(len(set(pair)) == 1 for pair in pairwise(gaps)),
            ),
            strict=True,
        )
    )


_LINE = (
    "onsets",
    "chord_size",
    "length",
    "spread_of_gaps",
    "on_beats",
    "half_beats",
    "triplets",
    "sixteenths",
    "sounding",
    "likeness",
    "register",
    "spread",
    "steps",
    "repeats",
    "in_scale",
    "level",
    "levels",
    "even",
)


def _describe_drums(notes: Sequence[Note], *, plan: Plan) -> dict[str, float]:
    size, quarters = plan.metre.bar_ticks, plan.length / 24
    found = {
        "drum_strokes": len(notes) / quarters,
        "drum_triplets": _share(note.onset % 12 != 0 and note.onset % 4 == 0 for note in notes),
        "drum_sixteenths": _share(note.onset % 6 == 0 and note.onset % 12 != 0 for note in notes),
        "drum_likeness": measure_likeness_of_rhythm(notes, metre=plan.metre, start=0, stop=plan.length),
        "drum_level": float(np.mean([note.velocity for note in notes])) if notes else 0.0,
        "drum_levels": float(np.std([note.velocity for note in notes])) if notes else 0.0,
    }
    for name, keys in _DRUMS.items():
        own = [note for note in notes if note.pitch in keys]
        found[f"drum_{name}"] = len(own) / quarters
        if name in ("kick", "snare", "closed", "ride"):
            places = np.bincount([note.onset % size * _PLACES // size for note in own], minlength=_PLACES)
            found |= {f"drum_{name}_{place}": float(count) / plan.bars for place, count in enumerate(places)}
    return found


def _share(verdicts: Iterable[bool]) -> float:
    listed = list(verdicts)
    return sum(listed) / len(listed) if listed else 0.0
