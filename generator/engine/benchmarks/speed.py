"""Time: 200 elements beside the reference method in the same run; a piece of four parts; the cost of a note by length;
memory with all models loaded."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from generator.engine.brief import parse_brief
from generator.engine.composing.piece import compose_piece
from generator.engine.measuring.options import Options
from generator.engine.measuring.reference import SYMBOLS, load_reference
from generator.engine.measuring.results import Result, make_plot, make_result, make_table
from generator.engine.measuring.timing import measure_memory, time_best, time_notes, time_reference
from generator.engine.network.limits import LANES
from generator.engine.network.loading import load_networks
from generator.engine.network.store import available_instruments

ELEMENTS = 200
TIMES = 1000
PIECE_SECONDS = 1.0
MOST_BYTES = 1.2e9
LENGTHS = (4, 8, 16, 32)
PIECE = {"instruments": "piano,violin,bass,drums", "style": "pop", "seconds": 60, "seed": 3}


def run(options: Options) -> Result:
    begun = perf_counter()
    load_networks(available_instruments())
    loading = perf_counter() - begun
    brief = parse_brief(PIECE)
    compose_piece(brief)
    wall, cpu = time_best(lambda: compose_piece(brief), times=5)
    memory = measure_memory()
    lengths = [time_notes("piano", bars=bars, candidates=LANES) for bars in LENGTHS]
    flat = lengths[-1]["microseconds_per_note"] / lengths[1]["microseconds_per_note"]
    batch = time_notes("violin", bars=50, candidates=LANES, times=8)
    ours = batch["seconds"] / batch["notes"] * ELEMENTS
    latency = batch["seconds"] / batch["notes"] * ELEMENTS * LANES
    steps = options.size(ELEMENTS)
    reference = time_reference(load_reference(), window=100, symbols=SYMBOLS, elements=ELEMENTS, steps=steps)
    rows: list[list[object]] = [
        ["reference: 200 elements, window 100, one piece", f"{reference:.2f}", 1.0],
        [f"ours: {LANES} candidates of 200 notes at once", f"{latency:.3f}", reference / latency],
        [f"ours: 200 notes of one of those {LANES}", f"{ours:.4f}", reference / ours],
    ]
    return make_result(
        claim=f"200 elements take 1/{reference / ours:,.0f} of the reference's time, and all {LANES} candidates of 200 "
        f"together 1/{reference / latency:,.0f}; four parts of 60 s, {LANES} candidates each, take {wall:.2f} s "
        f"({cpu:.2f} CPU s)",
        target=f"at least {TIMES} times faster; a piece in {PIECE_SECONDS} s; at most {MOST_BYTES / 1e9} GB",
        met=reference / ours >= TIMES and wall <= PIECE_SECONDS and memory <= MOST_BYTES and flat <= 1.25,
        ratio=round(reference / ours, 1),
        seconds_of_reference=round(reference, 3),
        seconds_of_all_candidates=round(latency, 4),
        ratio_of_all_candidates=round(reference / latency, 1),
        piece={"seconds": round(wall, 3), "cpu_seconds": round(cpu, 3), "brief": PIECE},
        bytes_with_all_models=memory,
        seconds_to_load=round(loading, 1),
        cost_of_a_note_at_32_bars_to_8=round(flat, 3),
        tables=[
            make_table("200 elements", columns=["Method", "Seconds", "Times faster"], rows=rows),
            _show_lengths(lengths),
        ],
        plots=[
            make_plot(
                "The cost of a note does not grow with length", file="speed.png", x="bars", y="microseconds a note",
                lines={"piano": (LENGTHS, [each["microseconds_per_note"] for each in lengths])},
            )
        ],
        notes=[
            f"The least of several runs with warm models. With all {len(available_instruments())} networks loaded, "
            f"compiled and used for six pieces the process held {memory / 1e9:.2f} GB at most; to import, load and "
            f"compile them took {loading:.1f} s.",
        ],
    )  # fmt: skip


def _show_lengths(lengths: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return make_table(
        "The cost of a note (piano, 16 candidates)",
        columns=["Bars", "Notes", "Seconds", "Microseconds a note"],
        rows=[[each["bars"], each["notes"], each["seconds"], each["microseconds_per_note"]] for each in lengths],
    )
