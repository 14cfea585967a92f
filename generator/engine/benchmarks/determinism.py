"""Whether a brief gives the same bytes: with a batch of another size, and with other kernels (oneDNN on and off)."""

import json
import os
import subprocess
import sys
from hashlib import sha256

from generator.engine.measuring.music import list_briefs
from generator.engine.measuring.options import BenchmarkError, Options
from generator.engine.measuring.results import Result, make_result, make_table

TARGET = 0.99
PIECES = 100

_PROGRAM = "from generator.engine.benchmarks.determinism import print_digests; print_digests()"


def run(options: Options) -> Result:
    asked = options.size(PIECES)
    briefs = list_briefs(asked, seed=options.seed)
    digests = {switch: _compose_apart(briefs, switch=switch) for switch in ("1", "0")}
    same = [one == other for one, other in zip(digests["1"], digests["0"], strict=True)]
    sizes = _compare_batches(options.seed)
    share = sum(same) / asked
    rows = [
        ["MIDI files the same with oneDNN on and off", f"{sum(same)} of {asked}", f"{TARGET:.0%}"],
        ["candidates the same in batches of 16 and of 32", "yes" if sizes else "no", "yes"],
    ]
    return make_result(
        claim=f"{sum(same)} of {asked} pieces have the same bytes with oneDNN on and off; batches of another size draw "
        f"{'the same' if sizes else 'other'} candidates",
        target=f"{TARGET:.0%} of pieces; every candidate",
        met=share >= TARGET and sizes,
        value=round(share, 4),
        pieces=asked,
        tables=[make_table("Bytes", columns=["Compared", "Found", "Asked"], rows=rows)],
    )


def print_digests() -> None:
    """The child: reads briefs from standard input, prints one digest of MIDI per line."""
    from generator.engine import compose
    from generator.engine.brief import parse_brief
    from generator.engine.midi import write_midi

    for brief in json.load(sys.stdin):
        print(sha256(write_midi(compose(parse_brief(brief)).piece)).hexdigest(), flush=True)


def _compose_apart(briefs: list[dict[str, object]], *, switch: str) -> list[str]:
    """In a process of its own, since kernels are chosen when TensorFlow is loaded."""
    environment = {**os.environ, "TF_ENABLE_ONEDNN_OPTS": switch}
    done = subprocess.run(  # noqa: S603 - this interpreter, a program of ours
        [sys.executable, "-c", _PROGRAM], input=json.dumps(briefs), env=environment, capture_output=True, text=True
    )
    digests = done.stdout.split()
    if done.returncode or len(digests) != len(briefs):
        raise BenchmarkError(f"composing with TF_ENABLE_ONEDNN_OPTS={switch} failed: {done.stderr[-400:]}")
    return digests


def _compare_batches(seed: int) -> bool:
    from generator.engine.network.priming import rehearsal_plan
    from generator.engine.network.sampling import load_model, sample_notes
    from generator.engine.plan import Role

    plan = rehearsal_plan()
    few, many = (
        sample_notes(
            load_model("violin"), plan=plan, role=Role.LEAD, lead=None, start=0, stop=plan.length, seed=seed,
            stream="batch", candidates=size,
        )
        for size in (16, 32)
    )  # fmt: skip
    return few == many[: len(few)]
