"""Benchmarks by name: the modules of `generator.engine.benchmarks`."""

import importlib
import os
import pkgutil
import time
from collections.abc import Callable, Sequence

from generator.engine import benchmarks
from generator.engine.errors import EngineError
from generator.engine.measuring.environment import describe_environment
from generator.engine.measuring.options import BenchmarkError, Options
from generator.engine.measuring.results import Result, make_result, make_table

ALL = "all"


def list_benchmarks() -> tuple[str, ...]:
    """Every benchmark's name. Imports none of them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg))


def run_benchmark(name: str, *, options: Options, command: str) -> Result:
    """The result of one benchmark, or of all, with command, environment and time taken. Raises EngineError."""
    names = list_benchmarks()
    if name == ALL:
        return _run_all(names, options=options, command=command)
    if name not in names:
        raise BenchmarkError(f"benchmark: {name!r} is unknown. Choose one of {', '.join(names)}, or {ALL}.")
    run: Callable[[Options], Result] = importlib.import_module(f"{benchmarks.__name__}.{name}").run
    environment, wall, computing = describe_environment(), time.perf_counter(), _count_computing()
    result = run(options)
    taken = {
        "seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(_count_computing() - computing, 1),
    }
    return {"benchmark": name, **result, "command": command, "environment": environment, **taken}


def _count_computing() -> float:
    """Processor seconds of this process and of all its children that ended."""
    taken = os.times()
    return taken.user + taken.system + taken.children_user + taken.children_system


def _run_all(names: Sequence[str], *, options: Options, command: str) -> Result:
    """Each in turn; one that cannot be measured is named, not left out."""
    found: dict[str, Result] = {}
    for name in names:
        try:
            found[name] = run_benchmark(name, options=options, command=command)
        except EngineError as error:
            found[name] = {"claim": str(error), "target": "", "met": False}
    met = sum(bool(result["met"]) for result in found.values())
    rows = [
        [name, result["claim"], result["target"], "yes" if result["met"] else "no"] for name, result in found.items()
    ]
    table = make_table("Benchmarks", columns=["Benchmark", "Found", "Target", "Met"], rows=rows)
    claim = f"{met} of {len(found)} benchmarks reach their targets"
    whole = make_result(
        claim=claim,
        target="all",
        met=met == len(found),
        ratio=round(met / len(found), 4),
        tables=[table],
        results=found,
    )
    return {"benchmark": ALL, **whole, "command": command, "environment": describe_environment()}
