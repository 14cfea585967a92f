"""A rendering process measured from inside, printed as JSON:

    python -m generator.engine.measuring.rendering previews|packs SCORE RUNS

It is a process of its own because that is what is measured: what a rendering worker's child holds in memory, and that
it never loads TensorFlow.
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from generator.engine.audio.credentials import sign_audio
from generator.engine.audio.font import load_font
from generator.engine.audio.marking.embedding import Mark
from generator.engine.audio.own_chain import make_own_credential
from generator.engine.audio.previewing import render_preview
from generator.engine.audio.second_player import start_second_player
from generator.engine.audio.tags import Tags
from generator.engine.composing.codec import decode_piece
from generator.engine.delivery.pack import build_pack
from generator.engine.delivery.sealing import Sealer
from generator.engine.measuring.clicks import count_cpu_seconds
from generator.engine.measuring.timing import measure_memory
from generator.engine.memory import keep_large_blocks, return_large_blocks
from generator.engine.plan import Piece

_TAGS = Tags(title="Benchmark", copyright_id="OT-BENCHMARK")
_MARK = Mark(key=b"a key for the benchmark, 32 bytes", number=1)
"""As every track that is sold has one, and its preview two variants. Its pack is sealed with Content Credentials."""
_NETWORKS = ("tensorflow", "keras")


def measure_previews(piece: Piece, *, runs: int) -> dict[str, Any]:
    """Seconds, by step as well, and bytes of memory at most. In a process as the workers are that render them."""
    keep_large_blocks()
    start_second_player()
    parts: list[dict[str, float]] = []
    with TemporaryDirectory() as name:

        def preview() -> None:
            parts.append(render_preview(piece, out=Path(name), tags=_TAGS, mark=_MARK).timings)

        previews = [_time(preview) for _ in range(runs)]
    return {
        "preview_seconds": [wall for wall, _ in previews],
        "preview_cpu_seconds": [cpu for _, cpu in previews],
        "preview_parts": {step: statistics.median(each[step] for each in parts) for step in parts[0]},
        "preview_memory": measure_memory(),
    }


def measure_packs(piece: Piece) -> dict[str, Any]:
    """Of a pack without the spot kit and one with it: seconds, bytes, and bytes of memory at most."""
    return_large_blocks()  # as the workers do that build packs
    credential = make_own_credential(Ed25519PrivateKey.generate())

    def build(out: Path, *, with_kit: bool) -> tuple[float, float]:
        seal = Sealer(lambda data, suffix, tags: sign_audio(data, suffix=suffix, tags=tags, credential=credential))
        return _time(lambda: build_pack(piece, out=out, tags=_TAGS, mark=_MARK, seal=seal, with_kit=with_kit))

    with TemporaryDirectory() as name:
        pack, whole = Path(name) / "pack.zip", Path(name) / "whole.zip"
        without_kit = _describe(build(pack, with_kit=False), size=pack.stat().st_size, memory=measure_memory())
        with_kit = _describe(build(whole, with_kit=True), size=whole.stat().st_size, memory=measure_memory())
    return {"pack": without_kit, "pack_with_kit": with_kit}


def measure_rendering(what: str, score: Path, *, runs: int) -> dict[str, Any]:
    piece = decode_piece(json.loads(score.read_text(encoding="utf-8")))
    load_font()
    measured = measure_previews(piece, runs=runs) if what == "previews" else measure_packs(piece)
    return measured | {"networks_loaded": [module for module in _NETWORKS if module in sys.modules]}


def _time(action: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), _count_cpu()
    action()
    return round(time.perf_counter() - wall, 3), round(_count_cpu() - cpu, 3)


def _count_cpu() -> float:
    """Of the second player as well, where there is a /proc."""
    return count_cpu_seconds(os.getpid()) or time.process_time()


def _describe(taken: tuple[float, float], *, size: int, memory: float) -> dict[str, float]:
    return {"seconds": taken[0], "cpu_seconds": taken[1], "bytes": size, "most_memory": memory}


if __name__ == "__main__":
    print(json.dumps(measure_rendering(sys.argv[1], Path(sys.argv[2]), runs=int(sys.argv[3]))))
