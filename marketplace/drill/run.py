"""The drill from start to verdict."""

import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from marketplace.drill.postgres import Cluster, find_binaries, find_server_user
from marketplace.drill.site import DrillError, Site
from marketplace.drill.storm import Buyer, Tally
from marketplace.launcher.checks import find_free_port

_EXPIRY_SECONDS = 32 * 60
_LOSSES = {
    "money kept for nothing": ("payment-without-sale", "unknown-payment"),
    "sold, and the money given back": ("ownership-without-sale", "sold-and-refunded"),
    "sold twice, or to nobody": ("transferred-twice", "sold-without-ownership"),
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    seconds: int
    buyers: int
    tracks: int
    settling: int
    seed: int
    does_reconcile: bool
    does_deduplicate: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    tried: dict[str, int]
    killed: dict[str, int]
    states: dict[str, int]
    lost: dict[str, int]

    @property
    def is_clean(self) -> bool:
        return not any(self.lost.values())


def run_drill(plan: Plan, *, say: Callable[[str], object]) -> Report:
    """Raises DrillError where the drill itself cannot go on. Its folder goes when it ends."""
    binaries = find_binaries()
    if binaries is None:
        raise DrillError("PostgreSQL's `initdb` was not found: install PostgreSQL 15 or newer, or put it on the PATH.")
    with tempfile.TemporaryDirectory(prefix="onetake-drill-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database's user must reach its own folder in here
        cluster = Cluster(binaries=binaries, folder=folder / "postgres", port=find_free_port(), user=find_server_user())
        site = Site(folder, cluster, plan.does_reconcile, plan.does_deduplicate)
        try:
            say("Starting PostgreSQL, a broker, the sandbox, a worker, beat and the web server ...")
            site.start()
            return _drill(plan, site, say)
        finally:
            site.stop()


def _drill(plan: Plan, site: Site, say: Callable[[str], object]) -> Report:
    market = site.read("drill_market", "--buyers", str(plan.buyers), "--tracks", str(plan.tracks))
    tally, stopped = Tally(), threading.Event()
    last, wanted = market["tracks"][: plan.buyers], market["tracks"][plan.buyers :]
    buyers = [
        Buyer(
            site=site.url,
            sandbox=site.sandbox_url,
            session=session,
            tracks=wanted,
            tally=tally,
            stopped=stopped,
            seed=plan.seed + number,
        )
        for number, session in enumerate(market["sessions"])
    ]
    for buyer in buyers:
        buyer.start()
    killed = _kill_in_turn(plan, site, say)
    stopped.set()
    for buyer in buyers:
        buyer.join()
    site.steer_sandbox("webhooks", drop="1")
    for buyer, track in zip(buyers, last, strict=True):
        buyer.buy_unheard(track)
    say("The storm is over. Letting it settle ...")
    verdict = _settle(plan, site)
    return Report(tried=dict(tally.counts), killed=killed, states=verdict["states"], lost=_count_losses(verdict))


def _kill_in_turn(plan: Plan, site: Site, say: Callable[[str], object]) -> dict[str, int]:
    """Each once before any comes twice, at times that nobody chose, until the storm's time is up."""
    chance = random.Random(plan.seed)
    killed = dict.fromkeys(site.children, 0)
    deadline = time.monotonic() + plan.seconds
    while time.monotonic() < deadline or not all(killed.values()):
        name = min(killed, key=lambda one: (killed[one], list(killed).index(one)))
        time.sleep(chance.uniform(0.5, 3.0))
        site.kill(name)
        time.sleep(chance.uniform(0.0, 1.5))
        site.bring_up(name)
        killed[name] += 1
        say(f"  kill -9 {name}")
    return killed


def _settle(plan: Plan, site: Site) -> dict[str, Any]:
    """Webhooks arrive as they are from now, open checkouts expire, and the reconciler comes by."""
    time.sleep(4)  # delayed payments settle three seconds after they were made; what is dropped is dropped by then
    site.steer_sandbox("webhooks", drop="0")
    site.steer_sandbox("clock", seconds=str(_EXPIRY_SECONDS))
    deadline = time.monotonic() + plan.settling
    while True:
        verdict = site.read("drill_verdict")
        is_quiet = verdict["asked_stripe"] and not verdict["findings"] and not verdict["events_waiting"]
        if (is_quiet and not verdict["holds"] and not verdict["debts"]) or time.monotonic() > deadline:
            return verdict
        time.sleep(2)


def _count_losses(verdict: dict[str, Any]) -> dict[str, int]:
    findings = dict(verdict["findings"])
    lost = {name: sum(findings.pop(kind, 0) for kind in kinds) for name, kinds in _LOSSES.items()}
    return lost | {
        "tracks locked for nobody": verdict["holds"],
        "refunds owed": verdict["debts"],
        "events not acted on": verdict["events_waiting"],
        "other disagreements of the books": sum(findings.values()),
        "payments that could not be checked, Stripe being silent": int(not verdict["asked_stripe"]),
    }


def format_report(report: Report) -> str:
    lines = []
    for title, counts in (
        ("Killed with -9", report.killed),
        ("Tried", report.tried),
        ("Orders in the end", report.states),
        ("Lost", report.lost),
    ):
        lines.append(f"\n{title}")
        lines += [f"  {name:<36}{count:>6}" for name, count in counts.items()]
    return "\n".join(lines)
