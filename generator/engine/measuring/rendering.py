"""A rendering process measured from inside: `python -m generator.engine.measuring.rendering SCORE RUNS` prints JSON.

It is a process of its own because that is what is measured: what a rendering worker's child holds in memory, and that
it never loads TensorFlow.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.engine.audio.font import load_font
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.memory import return_large_blocks
from generator.engine.audio.previewing import render_preview
from generator.engine.audio.tags import Tags
from generator.engine.composing.codec import decode_piece
from generator.engine.delivery.pack import build_pack
from generator.engine.measuring.timing import measure_memory

_TAGS = Tags(title="Benchmark", copyright_id="OT-BENCHMARK")
_MARK = Mark(key=b"a key for the benchmark, 32 bytes", number=1)
"""As every track that is sold has one, and its preview two variants."""
_NETWORKS = ("tensorflow", "keras")


def measure_rendering(score: Path, *, runs: int) -> dict[str, Any]:
    piece = decode_piece(json.loads(score.read_text(encoding="utf-8")))
    load_font()
    with TemporaryDirectory() as name:
        folder = Path(name)
        parts: list[dict[str, float]] = []

        def preview() -> None:
            parts.append(render_preview(piece, out=folder, tags=_TAGS, mark=_MARK).timings)

        previews = [_time(preview) for _ in range(runs)]
        return_large_blocks()  # as the workers do that build packs
        pack = _time(lambda: build_pack(piece, out=folder / "pack.zip", tags=_TAGS, mark=_MARK, with_kit=False))
        memory_of_pack = measure_memory()
        whole = _time(lambda: build_pack(piece, out=folder / "whole.zip", tags=_TAGS, mark=_MARK))
        sizes = {name: (folder / f"{name}.zip").stat().st_size for name in ("pack", "whole")}
    return {
        "preview_seconds": [wall for wall, _ in previews],
        "preview_cpu_seconds": [cpu for _, cpu in previews],
        "preview_parts": {step: statistics.median(each[step] for each in parts) for step in parts[0]},
        "pack": _describe(pack, size=sizes["pack"], memory=memory_of_pack),
        "pack_with_kit": _describe(whole, size=sizes["whole"], memory=measure_memory()),
        "networks_loaded": [module for module in _NETWORKS if module in sys.modules],
    }


def _time(action: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return round(time.perf_counter() - wall, 3), round(time.process_time() - cpu, 3)


def _describe(taken: tuple[float, float], *, size: int, memory: float) -> dict[str, float]:
    return {"seconds": taken[0], "cpu_seconds": taken[1], "bytes": size, "most_memory": memory}


if __name__ == "__main__":
    print(json.dumps(measure_rendering(Path(sys.argv[1]), runs=int(sys.argv[2]))))
