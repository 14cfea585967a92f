"""From a click to something to listen to, from a sale to the pack: seconds, memory, no TensorFlow while rendering.

Composing is timed in this process, rendering in one of its own, as workers do; both warm.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.engine.brief import parse_brief
from generator.engine.composing.codec import encode_piece
from generator.engine.composing.piece import compose_piece
from generator.engine.measuring.options import BenchmarkError, Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.measuring.timing import time_best
from generator.engine.plan import Piece

BRIEF = {"instruments": "piano,violin,bass,drums", "style": "pop", "seconds": 60, "seed": 3}
PREVIEW_SECONDS, SLOWEST_PREVIEW, PACK_SECONDS, MOST_BYTES = 2.5, 5.0, 12.0, 700e6
RUNS = 5


def run(options: Options) -> Result:
    brief = parse_brief({**BRIEF, "seed": options.seed or BRIEF["seed"]})
    piece = compose_piece(brief).piece
    composings = [time_best(lambda: compose_piece(brief), times=1)[0] for _ in range(options.size(RUNS))]
    composing = statistics.median(composings)
    found = _measure(piece, runs=options.size(RUNS))
    rendering = found["preview_seconds"]
    median, slowest = composing + statistics.median(rendering), max(composings) + max(rendering)
    pack, whole = found["pack"], found["pack_with_kit"]
    is_met = (
        median <= PREVIEW_SECONDS
        and slowest <= SLOWEST_PREVIEW
        and pack["seconds"] <= PACK_SECONDS
        and max(pack["most_memory"], whole["most_memory"]) <= MOST_BYTES
        and not found["networks_loaded"]
    )
    steps = {"compose": composing, **found["preview_parts"]}
    return make_result(
        claim=f"A preview of 60 s and four instruments takes {median:.2f} s (at most {slowest:.2f} s), the "
        f"pack {pack['seconds']:.1f} s ({pack['cpu_seconds']:.1f} CPU s), with the spot kit {whole['seconds']:.1f} s "
        f"({whole['cpu_seconds']:.1f} CPU s); rendering holds {whole['most_memory'] / 1e6:.0f} MB at most and "
        f"loads {' and '.join(found['networks_loaded']) or 'no TensorFlow'}",
        target=f"preview {PREVIEW_SECONDS} s in the median, {SLOWEST_PREVIEW:g} s at most; pack without the kit "
        f"{PACK_SECONDS:g} s; {MOST_BYTES / 1e6:g} MB; no TensorFlow",
        met=is_met,
        value=round(median, 3),
        slowest_preview=round(slowest, 3),
        composing_seconds=round(composing, 3),
        tables=[
            make_table(
                "The preview, step by step (medians)",
                columns=["Step", "Seconds"],
                rows=[[step, round(seconds, 3)] for step, seconds in steps.items()],
            ),
            make_table(
                "The pack, in one process",
                columns=["Pack", "Seconds", "CPU seconds", "MB", "Memory, MB"],
                rows=[
                    [name, each["seconds"], each["cpu_seconds"], each["bytes"] / 1e6, each["most_memory"] / 1e6]
                    for name, each in (("without the kit", pack), ("with the kit", whole))
                ],
            ),
        ],
        notes=["Composing is the least of three runs, the preview's other steps are medians; queues add milliseconds."],
        **found,
    )


def _measure(piece: Piece, *, runs: int) -> dict[str, Any]:
    with TemporaryDirectory() as name:
        score = Path(name) / "score.json"
        score.write_text(json.dumps(encode_piece(piece)), encoding="utf-8")
        command = [sys.executable, "-m", "generator.engine.measuring.rendering", str(score), str(runs)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BenchmarkError(f"delivery: the rendering process ended with {done.returncode}: {reason}")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured
