"""Times of the sampler and of the reference, in one process."""

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.priming import rehearsal_plan
from generator.engine.network.sampling import load_model, sample_notes
from generator.engine.plan import Plan, Section

_REFERENCE_RUNS = 3


def time_best(action: Callable[[], object], *, times: int) -> tuple[float, float]:
    """Least wall-clock and least CPU seconds of several runs: what the machine can do when others let it."""
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        action()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus)


def long_plan(bars: int) -> Plan:
    """So many bars of the rehearsal's first chord."""
    plan = rehearsal_plan()
    size = plan.metre.bar_ticks
    return replace(
        plan, length=bars * size, sections=(Section("A", 0, bars, 0.5),), chords=plan.chords[:1] * (2 * bars),
        energies=(0.5,) * bars,
    )  # fmt: skip


def time_notes(slug: str, *, bars: int, candidates: int, times: int = 5) -> dict[str, float]:
    """Notes of all candidates, seconds, and microseconds a note."""
    model, plan = load_model(slug), long_plan(bars)
    notes = 0

    def write() -> None:
        nonlocal notes
        found = sample_notes(
            model, plan=plan, role=INSTRUMENTS[slug].roles[0], lead=None, start=0, stop=plan.length, seed=1,
            stream="speed", candidates=candidates,
        )  # fmt: skip
        notes = sum(len(candidate.notes) for candidate in found)

    write()
    wall, cpu = time_best(write, times=times)
    return {
        "bars": bars,
        "notes": notes,
        "seconds": wall,
        "cpu_seconds": cpu,
        "microseconds_per_note": 1e6 * wall / notes,
    }


def time_reference(method: Any, *, window: int, symbols: int, elements: int, steps: int) -> float:
    """Seconds for so many elements, from `steps` of them: each costs the same."""
    network = method.build_reference(window=window, symbols=symbols)
    start = np.random.default_rng(0).integers(0, symbols, window)
    method.compose_elements(network, start=start, elements=1, symbols=symbols)
    wall, _ = time_best(
        lambda: method.compose_elements(network, start=start, elements=steps, symbols=symbols), times=_REFERENCE_RUNS
    )
    return wall * elements / steps


def measure_memory() -> float:
    """The most memory that this process has held, in bytes.

    Linux counts what the parent held before this program began into `ru_maxrss`, so its own mark is read there.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return float(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024)
