"""Whether a brief gives the same bytes: in another process and order, with other kernels, in batches of other sizes."""

import json
import os
import subprocess
import sys
from hashlib import sha256

from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.music import list_briefs
from generator.engine.measuring.options import BenchmarkError, Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.network.store import available_instruments

TARGET = 0.99
PIECES = 100
SECONDS = 5
"""Of each piece: what differs between machines differs from the first note on."""

OTHER_KERNELS = {
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "ONEDNN_MAX_CPU_ISA": "AVX",
    "XLA_FLAGS": "--xla_cpu_max_isa=AVX",
    "OPENBLAS_CORETYPE": "Sandybridge",
}
"""What a processor with neither AVX-512 nor AVX2 and its fused products would run: TensorFlow's, its compiler's and
NumPy's kernels."""

_PROGRAM = "from generator.engine.benchmarks.determinism import print_digests; print_digests()"


def run(options: Options) -> Result:
    asked = options.size(PIECES)
    briefs = [{**brief, "seconds": SECONDS} for brief in list_briefs(asked, seed=options.seed)]
    first = _compose_apart(briefs)
    again = _count_same(first, _compose_apart(briefs[::-1])[::-1])
    elsewhere = _count_same(first, _compose_apart(briefs, switches=OTHER_KERNELS))
    slugs = available_instruments()
    sizes = sum(_compare_batches(slug, seed=options.seed) for slug in slugs)
    rows = [
        ["MIDI files the same in another process, in another order", f"{again} of {asked}", "all"],
        ["MIDI files the same without oneDNN, AVX-512 and AVX2", f"{elsewhere} of {asked}", f"{TARGET:.0%}"],
        ["networks whose candidates are the same in batches of 16 and of 32", f"{sizes} of {len(slugs)}", "all"],
    ]
    return make_result(
        claim=f"{again} of {asked} pieces have the same bytes when composed again, {elsewhere} without oneDNN, "
        f"AVX-512 and AVX2; batches of another size draw the same candidates of {sizes} of {len(slugs)} networks",
        target=f"all; {TARGET:.0%} with other kernels; all",
        met=again == asked and elsewhere >= TARGET * asked and sizes == len(slugs),
        value=round(elsewhere / asked, 4),
        pieces=asked,
        tables=[make_table("Bytes", columns=["Compared", "Found", "Asked"], rows=rows)],
        notes=[
            f"Pieces of {SECONDS} s over all ensembles and styles. The second run composes them from last to first; "
            f"the third runs under {' '.join(f'{name}={value}' for name, value in OTHER_KERNELS.items())}."
        ],
    )


def _count_same(one: list[str], other: list[str]) -> int:
    return sum(digest == twin for digest, twin in zip(one, other, strict=True))


def print_digests() -> None:
    """The child: reads briefs from standard input, prints one digest of MIDI per line."""
    from generator.engine import compose
    from generator.engine.brief import parse_brief
    from generator.engine.midi import write_midi

    for brief in json.load(sys.stdin):
        print(sha256(write_midi(compose(parse_brief(brief)).piece)).hexdigest(), flush=True)


def _compose_apart(briefs: list[dict[str, object]], *, switches: dict[str, str] | None = None) -> list[str]:
    """Digests from a process of its own, since kernels are chosen when TensorFlow is loaded."""
    environment = {**os.environ, **(switches or {})}
    done = subprocess.run(  # noqa: S603 - this interpreter, a program of ours
        [sys.executable, "-c", _PROGRAM], input=json.dumps(briefs), env=environment, capture_output=True, text=True
    )
    digests = done.stdout.split()
    if done.returncode or len(digests) != len(briefs):
        raise BenchmarkError(f"composing with {switches or 'all kernels'} failed: {done.stderr[-400:]}")
    return digests


def _compare_batches(slug: str, *, seed: int) -> bool:
    from generator.engine.network.priming import rehearsal_plan
    from generator.engine.network.sampling import load_model, sample_notes

    plan = rehearsal_plan()
    few, many = (
        sample_notes(
            load_model(slug), plan=plan, role=INSTRUMENTS[slug].roles[0], lead=None, start=0, stop=plan.length,
            seed=seed, stream="batch", candidates=size,
        )
        for size in (16, 32)
    )  # fmt: skip
    return few == many[: len(few)]
