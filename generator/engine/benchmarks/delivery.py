"""From a click to something to listen to, from a sale to the pack: seconds, memory, no TensorFlow while rendering."""

import json
import math
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.engine.brief import parse_brief
from generator.engine.composing.codec import encode_piece
from generator.engine.composing.piece import compose_piece
from generator.engine.measuring.clicks import measure_clicks
from generator.engine.measuring.options import BenchmarkError, Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.plan import Piece

BRIEF = {"instruments": ["piano", "violin", "bass", "drums"], "style": "pop"}
SECONDS, SEED = 60, 3
PREVIEW_SECONDS, SLOWEST_PREVIEW, PACK_SECONDS, MOST_BYTES = 2.5, 5.0, 12.0, 700e6
RUNS, REQUESTS = 5, 20


def run(options: Options) -> Result:
    seed = options.seed or SEED
    piece = compose_piece(parse_brief({**BRIEF, "seconds": SECONDS, "seed": seed})).piece
    found = _measure(piece, runs=RUNS)
    clicks = measure_clicks([_fill_form(seed + 1000 * number) for number in range(options.size(REQUESTS) + 1)])
    heard = sorted(click["playable"] for click in clicks)
    median, late = statistics.median(heard), heard[math.ceil(0.95 * len(heard)) - 1]
    bought, computed = (statistics.median(click[name] for click in clicks) for name in ("complete", "cpu_seconds"))
    pack, whole = found["pack"], found["pack_with_kit"]
    most_memory = max(found["preview_memory"], pack["most_memory"], whole["most_memory"])
    is_met = (
        median <= PREVIEW_SECONDS
        and late <= SLOWEST_PREVIEW
        and pack["seconds"] <= PACK_SECONDS
        and most_memory <= MOST_BYTES
        and not found["networks_loaded"]
    )
    return make_result(
        claim=f"A preview of 60 s and four instruments plays {median:.2f} s after the click in the median of "
        f"{len(heard)} requests ({computed:.2f} CPU s), {late:.2f} s at the 95th percentile, and can be bought after "
        f"{bought:.1f} s; the "
        f"pack takes {pack['seconds']:.1f} s ({pack['cpu_seconds']:.1f} CPU s), with the spot kit "
        f"{whole['seconds']:.1f} s ({whole['cpu_seconds']:.1f} CPU s); rendering holds "
        f"{max(pack['most_memory'], whole['most_memory']) / 1e6:.0f} MB at most and "
        f"loads {' and '.join(found['networks_loaded']) or 'no TensorFlow'}",
        target=f"preview {PREVIEW_SECONDS} s in the median, {SLOWEST_PREVIEW:g} s at the 95th percentile; pack without "
        f"the kit {PACK_SECONDS:g} s; {MOST_BYTES / 1e6:g} MB; no TensorFlow",
        met=is_met,
        value=round(median, 3),
        late_preview=round(late, 3),
        preview_from_click_cpu_seconds=round(computed, 3),
        clicks=clicks,
        tables=[_show_preview(found), _show_packs({"without the kit": pack, "with the kit": whole})],
        notes=[NOTE],
        **found,
    )


NOTE = (
    "A click is measured over HTTP on the whole local site (web, workers, beat, broker), as the page does it: it asks "
    "as often as it is told to how far the job is, then for the track's page and for the preview's beginning. Each "
    "request comes when the last one's files are there, on workers that have loaded their networks."
)


def _fill_form(seed: int) -> dict[str, Any]:
    return {**BRIEF, "ensemble": "choose", "length": str(SECONDS), "seed": str(seed)}


def _show_preview(found: dict[str, Any]) -> dict[str, Any]:
    rows: list[list[object]] = [[step, round(seconds, 3)] for step, seconds in found["preview_parts"].items()]
    rows.append(["all, processor time", statistics.median(found["preview_cpu_seconds"])])
    rows.append(["memory at most, MB", found["preview_memory"] / 1e6])
    return make_table("Rendering the preview, step by step (medians)", columns=["Step", "Seconds"], rows=rows)


def _show_packs(packs: dict[str, dict[str, float]]) -> dict[str, Any]:
    return make_table(
        "The pack, in one process",
        columns=["Pack", "Seconds", "CPU seconds", "MB", "Memory, MB"],
        rows=[
            [name, each["seconds"], each["cpu_seconds"], each["bytes"] / 1e6, each["most_memory"] / 1e6]
            for name, each in packs.items()
        ],
    )


def _measure(piece: Piece, *, runs: int) -> dict[str, Any]:
    with TemporaryDirectory() as name:
        score = Path(name) / "score.json"
        score.write_text(json.dumps(encode_piece(piece)), encoding="utf-8")
        previews, packs = (_run_process(what, str(score), str(runs)) for what in ("previews", "packs"))
    loaded = sorted({*previews.pop("networks_loaded"), *packs.pop("networks_loaded")})
    return previews | packs | {"networks_loaded": loaded}


def _run_process(*arguments: str) -> dict[str, Any]:
    """Previews and packs are made by workers of their own, so each is measured in a process of its own."""
    command = [sys.executable, "-m", "generator.engine.measuring.rendering", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise BenchmarkError(f"delivery: the rendering process ended with {done.returncode}: {reason}")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured
