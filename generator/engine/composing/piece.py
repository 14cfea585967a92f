"""A whole piece in one process: every step in order, timed. Jobs call the same steps one by one."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from time import perf_counter

from generator.engine.brief import Brief
from generator.engine.composing.assembling import assemble
from generator.engine.composing.hearing import UnfinishedLead
from generator.engine.composing.parts import CANDIDATES, PartResult, compose_part
from generator.engine.composing.roles import assign_roles, composing_order
from generator.engine.conductor import write_plan
from generator.engine.plan import Piece, Role

_TURNS = (Role.LEAD, Role.RHYTHM, Role.HARMONY, Role.COUNTER, Role.BASS)
"""What listeners wait for and what waits for nobody first, then the longest, so that no core is left without work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    piece: Piece
    results: dict[str, PartResult]
    """By instrument, in the order in which they were written."""
    timings: dict[str, float]
    """Seconds per step: 'plan', each instrument (while others are written beside it), 'assemble'."""


def compose_piece(
    brief: Brief,
    *,
    network: str = "lstm",
    candidates: int = CANDIDATES,
    on_progress: Callable[[str, float], None] | None = None,
) -> Composition:
    """Plan, lead, the other parts, the piece. `on_progress` gets the instrument and its share done; `network` "none"
    leaves the plan and the grammar alone, and one candidate leaves out the choice, both for measuring."""
    watch = Stopwatch()
    with watch.step("plan"):
        plan = write_plan(brief)
    roles = assign_roles(brief)
    lead = UnfinishedLead() if Role.LEAD in roles.values() else None

    def compose_one(slug: str) -> PartResult:
        report = partial(on_progress, slug) if on_progress else None
        with watch.step(slug), lead.promise() if lead and roles[slug] is Role.LEAD else nullcontext():
            return compose_part(
                brief,
                plan,
                instrument=slug,
                role=roles[slug],
                lead=lead,
                network=network,
                candidates=candidates,
                on_progress=report,
            )

    with ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:  # one may be waiting for the lead
        begun = {
            slug: pool.submit(compose_one, slug) for slug in sorted(roles, key=lambda slug: _TURNS.index(roles[slug]))
        }
        results = {slug: begun[slug].result() for slug in composing_order(roles)}
    with watch.step("assemble"):
        piece = assemble(brief, plan, [result.part for result in results.values()])
    timings = {step: watch.seconds[step] for step in ("plan", *results, "assemble")}
    return Composition(piece=piece, results=results, timings=timings)


class Stopwatch:
    """Seconds of each step, in the order in which they began."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.seconds[name] = 0.0  # keeps its place: steps that run side by side end in any order
        start = perf_counter()
        yield
        self.seconds[name] = round(perf_counter() - start, 4)
