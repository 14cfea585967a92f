"""Whether pieces do what briefs ask: the energy curve, hit points, a motif."""

from random import Random
from statistics import mean

import numpy as np

from generator.engine.composing.accents import LEVEL
from generator.engine.composing.development import Treatment, find_statements
from generator.engine.composing.melody import take_melody
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.plan import Piece
from generator.engine.score import MICRO_PER_TICK, TICKS_PER_QUARTER
from generator.engine.styles import STYLES

PIECES = 18
CORRELATION, HIT_SECONDS, LEAST_STATEMENTS = 0.7, 0.05, 3
_SCALE = ("C", "D", "E", "F", "G", "A", "B")


def run(options: Options) -> Result:
    from generator.engine import compose
    from generator.engine.brief import parse_brief

    loud, dense, misses, statements, developed = [], [], [], [], []
    for place in range(options.size(PIECES)):
        draw = Random(f"{options.seed}/{place}")
        brief = parse_brief(_ask(draw, place=place))
        piece = compose(brief).piece
        loud.append(_correlate(piece, _measure_loudness(piece)))
        dense.append(_correlate(piece, _count_notes(piece)))
        misses += [abs(_find_accent(piece, near=hit) - hit) for hit in brief.hits]
        lead = take_melody(piece.lead.notes) if piece.lead else ()
        found = find_statements(lead, motif=brief.motif, shift=piece.plan.key.shift)
        statements.append(len(found))
        developed.append(any(treatment is not Treatment.LITERAL for _, treatment in found))
    rows: list[list[object]] = [
        ["correlation of the curve with loudness, mean (least)", f"{mean(loud):.2f} ({min(loud):.2f})", "0.70"],
        ["correlation of the curve with density, mean (least)", f"{mean(dense):.2f} ({min(dense):.2f})", "0.70"],
        ["pieces with both at 0.70 and more", f"{mean(_both(loud, dense)):.0%}", "-"],
        ["farthest accent from its hit, ms", f"{max(misses) * 1000:.1f}", "50"],
        ["fewest statements of the motif in a piece", min(statements), LEAST_STATEMENTS],
        ["pieces that develop it", f"{mean(developed):.0%}", "100%"],
    ]
    met = min(mean(loud), mean(dense)) >= CORRELATION and max(misses) <= HIT_SECONDS
    met = met and min(statements) >= LEAST_STATEMENTS
    return make_result(
        claim=f"curves correlate with loudness at {mean(loud):.2f} and with density at {mean(dense):.2f}; accents fall "
        f"within {max(misses) * 1000:.1f} ms of their hits; motifs are heard {min(statements)} times and more",
        target="0.7 each; 50 ms; 3 times",
        met=met,
        value=round(min(mean(loud), mean(dense)), 4),
        farthest_hit_ms=round(max(misses) * 1000, 2),
        fewest_statements=min(statements),
        tables=[make_table("What was asked and what was heard", columns=["Measure", "Found", "Asked"], rows=rows)],
        notes=[
            "Curves (four of 0, 25, 50, 75, 100), hits and motifs are drawn at random. Loudness of a bar: root of the "
            "sum of squared velocities "
            "times lengths of all its notes; density: notes that begin in it; the bar of the closing chord is left "
            "out. An accent is a stroke of every part at the level kept for hits."
        ],
    )


def _ask(draw: Random, *, place: int) -> dict[str, object]:
    steps = [draw.randrange(7) for _ in range(4)]
    return {
        "instruments": ("piano,violin,bass,drums", "guitar,flute,cello", "piano,violin,viola,cello,drums")[place % 3],
        "style": list(STYLES)[place % len(STYLES)],
        "seconds": 30,
        "seed": draw.randrange(10**6),
        "energy": draw.sample(range(0, 101, 25), 4),
        "hits": sorted({round(draw.uniform(5, 14), 2), round(draw.uniform(16, 26), 2)}),
        "motif": " ".join(f"{_SCALE[step]}5:{draw.choice(('0.5', '1'))}" for step in steps),
    }


def _bars(piece: Piece) -> range:
    return range(piece.plan.bars - 1)


def _correlate(piece: Piece, measured: list[float]) -> float:
    asked = [piece.plan.energies[bar] for bar in _bars(piece)]
    if np.std(asked) < 1e-6 or np.std(measured) < 1e-6:
        return 0.0
    return float(np.corrcoef(asked, measured)[0, 1])


def _measure_loudness(piece: Piece) -> list[float]:
    size, totals = piece.plan.metre.bar_ticks, dict.fromkeys(_bars(piece), 0.0)
    for note in (note for part in piece.parts for note in part.notes):
        if note.onset // size in totals:
            totals[note.onset // size] += note.velocity**2 * note.duration
    return [total**0.5 for total in totals.values()]


def _count_notes(piece: Piece) -> list[float]:
    size = piece.plan.metre.bar_ticks
    onsets = [note.onset // size for part in piece.parts for note in part.notes]
    return [float(onsets.count(bar)) for bar in _bars(piece)]


def _both(loud: list[float], dense: list[float]) -> list[bool]:
    return [min(pair) >= CORRELATION for pair in zip(loud, dense, strict=True)]


def _find_accent(piece: Piece, *, near: float) -> float:
    """Seconds of the accent that the last part to strike gives, nearest to a moment."""
    tick = 60 / piece.plan.tempo / TICKS_PER_QUARTER
    struck = []
    for part in piece.parts:
        times = [(note.onset + note.micro / MICRO_PER_TICK) * tick for note in part.notes if note.velocity == LEVEL]
        struck.append(min(times, key=lambda time: abs(time - near), default=float("inf")))
    return max(struck, key=lambda time: abs(time - near))
