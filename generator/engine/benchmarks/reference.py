"""The reference's own tables, side by side with ours: time and unique symbols by window, duration by elements and
offset, parameters."""

from typing import Any

from generator.engine.brief import parse_brief
from generator.engine.composing.piece import compose_piece
from generator.engine.measuring.music import compose_pieces
from generator.engine.measuring.options import Options
from generator.engine.measuring.reference import (
    PARAMETERS,
    PUBLISHED_DURATIONS,
    PUBLISHED_OFFSETS,
    PUBLISHED_SECONDS,
    PUBLISHED_SYMBOLS,
    SYMBOLS,
    load_reference,
)
from generator.engine.measuring.results import Result, make_plot, make_result, make_table
from generator.engine.measuring.timing import time_notes, time_reference
from generator.engine.network.limits import HISTORY_ROWS, LANES
from generator.engine.network.sampling import load_model

ELEMENTS = 200
STEPS = 12
"""Elements really drawn per window: each costs the same."""


def run(options: Options) -> Result:
    method, steps = load_reference(), options.size(STEPS)
    rebuilt = {
        window: time_reference(method, window=window, symbols=SYMBOLS, elements=ELEMENTS, steps=steps)
        for window in PUBLISHED_SECONDS
    }
    batch = time_notes("piano", bars=16, candidates=LANES)
    ours = batch["seconds"] / batch["notes"] * ELEMENTS * LANES
    exact = {seconds: _measure_duration(seconds) for seconds in PUBLISHED_DURATIONS.values()}
    rebuilt_parameters = method.build_reference(window=100, symbols=SYMBOLS).count_params()
    ratio = rebuilt[500] / ours
    error = max(abs(asked - found) for asked, found in exact.items())
    return make_result(
        claim=f"Its longest window takes {ratio:,.0f} times as long for one piece as {LANES} candidates of ours; a "
        f"piece lasts as asked to {1000 * error:.3f} ms whatever its notes",
        target="every table of the reference's beside ours",
        met=rebuilt_parameters == PARAMETERS,
        ratio=round(ratio, 1),
        tables=[
            _show_windows(rebuilt, ours=ours, symbols=_count_symbols(options)),
            *_show_durations(exact),
            _show_parameters(rebuilt_parameters),
        ],
        plots=[_plot_seconds(rebuilt, ours=ours)],
        notes=[
            "Our state is carried from note to note, so no window costs time: a phrase is begun from up to "
            f"{HISTORY_ROWS} rows of the past. Symbols: notes and chords, named as the reference names them, among the "
            "first 200 of a composed piano or guitar part, mean over parts. The rebuilt reference draws "
            f"{steps} elements per window; each costs the same.",
        ],
    )


def _show_windows(rebuilt: dict[int, float], *, ours: float, symbols: float) -> dict[str, Any]:
    return make_table(
        "Window: seconds for 200 elements, different symbols among them",
        columns=["Window", "Published, s", "Rebuilt, s", f"{LANES} of ours, s", "Published symbols", "Ours"],
        rows=[
            [window, PUBLISHED_SECONDS[window], rebuilt[window], ours, PUBLISHED_SYMBOLS[window], symbols]
            for window in PUBLISHED_SECONDS
        ],
    )


def _show_durations(exact: dict[int, float]) -> list[dict[str, Any]]:
    return [
        make_table(
            "Duration by elements (the reference's follows from their number; ours is what was asked)",
            columns=["Elements", "Published, s", "Asked of ours, s", "Ours, s"],
            rows=[[n, s, s, f"{exact[s]:.6f}"] for n, s in PUBLISHED_DURATIONS.items()],
        ),
        make_table(
            "Duration by offset (the reference's only way to change it; ours has tempo and length)",
            columns=["Offset", "Published, s"],
            rows=[[offset, seconds] for offset, seconds in PUBLISHED_OFFSETS.items()],
        ),
    ]


def _show_parameters(rebuilt: int) -> dict[str, Any]:
    ours = sum(weights.size for weights in load_model("piano").weights.values())
    return make_table(
        "Parameters",
        columns=["Network", "Parameters"],
        rows=[
            ["reference, published", PARAMETERS],
            ["reference, rebuilt", rebuilt],
            ["ours, one instrument", ours],
        ],
    )


def _plot_seconds(rebuilt: dict[int, float], *, ours: float) -> dict[str, Any]:
    return make_plot(
        "Seconds for 200 elements",
        file="reference.png",
        x="window",
        y="s",
        log=True,
        lines={
            "published": (list(PUBLISHED_SECONDS), list(PUBLISHED_SECONDS.values())),
            "rebuilt": (list(rebuilt), list(rebuilt.values())),
            f"ours, {LANES} candidates": (list(rebuilt), [ours] * len(rebuilt)),
        },
    )


def _count_symbols(options: Options) -> float:
    """Different elements among the first 200 of composed piano and guitar parts, in the reference's encoding."""
    method = load_reference()
    pieces = compose_pieces(16, seed=options.seed, network=options.network)
    parts = [part for piece in pieces for part in piece.parts if part.instrument in ("piano", "guitar")]
    counts = [len(set(names[:ELEMENTS])) for part in parts if len(names := method.name_elements(part.notes)) >= 100]
    return round(sum(counts) / max(len(counts), 1), 1)


def _measure_duration(seconds: float) -> float:
    brief = parse_brief({"instruments": "guitar", "style": "folk", "seconds": seconds, "seed": 1})
    return compose_piece(brief).piece.plan.seconds
