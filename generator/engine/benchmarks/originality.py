"""How much of generated parts stands note by note in a training work, beside human music that was held out; and
whether any two pieces are alike."""

from collections.abc import Iterator
from itertools import combinations

from generator.engine.measuring.borrowed import Borrowed, describe_borrowed, list_held_out
from generator.engine.measuring.music import compose_pieces
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_plot, make_result, make_table
from generator.engine.originality.corpus_index import INDEX_PATH, open_index
from generator.engine.originality.fingerprint import Fingerprint, make_fingerprint
from generator.engine.originality.likeness import TOO_CLOSE, compare
from generator.engine.plan import Role

PIECES = 100
TARGET = 99
_FOLLOWING = (Role.COUNTER, Role.HARMONY, Role.BASS, Role.RHYTHM)


def run(options: Options) -> Result:
    held_out = list_held_out(options.need_corpora(), cache=options.work / "cache" / "corpora", seed=options.seed)
    pieces = compose_pieces(options.size(PIECES), seed=options.seed, network=options.network)
    ours = [found for piece in pieces for found in describe_borrowed(piece)]
    leads, human = _of_role(ours, Role.LEAD), _of_role(held_out, Role.LEAD)
    share = _count_original(leads) / len(leads)
    alike = _list_shares([make_fingerprint(piece) for piece in pieces])
    worse = [role for role in _FOLLOWING if _is_worse(_of_role(ours, role), _of_role(held_out, role))]
    return make_result(
        claim=f"{_count_original(leads)} of {len(leads)} leads have no more than two bars in one stretch of any "
        f"training work; of {len(human)} held-out human melodies {_count_original(human)} do",
        target=f"{TARGET} of 100 leads; accompaniments and drums no worse than people's; no two pieces alike",
        met=share >= TARGET / 100 and not worse and max(alike) < TOO_CLOSE,
        ratio=round(share, 4),
        roles_worse_than_human=[str(role) for role in worse],
        greatest_likeness_of_two=round(max(alike), 4),
        pairs=len(alike),
        index={"bytes": INDEX_PATH.stat().st_size, "works": len(open_index().works)},
        tables=[_tabulate(ours, held_out), _tabulate_time(ours)],
        plots=[_plot(leads, human)],
        notes=[
            "A match is a stretch of at least six notes (twelve strokes of drums) with the same intervals and the same "
            "proportions of time, in whatever key and note values. Sixteen bars of each part are compared. The last "
            "note counts until the next begins, a quarter at most. A work that has the passages in another order "
            "counts as well, so a match may be found longer than it is, never shorter.",
            f"Of {len(alike)} pairs of pieces the two most alike share {max(alike):.0%} of their grams; from "
            f"{TOO_CLOSE:.0%} on two are too close.",
        ],
    )


def _of_role(found: list[Borrowed], role: Role) -> list[Borrowed]:
    return [each for each in found if each.role == role]


def _count_original(found: list[Borrowed]) -> int:
    return sum(each.bars <= 2 for each in found)


def _is_worse(ours: list[Borrowed], human: list[Borrowed]) -> bool:
    """By the share that keeps to two bars."""
    return bool(ours) and _count_original(ours) / len(ours) < _count_original(human) / len(human)


def _list_shares(fingerprints: list[Fingerprint]) -> list[float]:
    return [compare(one, other).share for one, other in combinations(fingerprints, 2)] or [0.0]


def _tabulate(ours: list[Borrowed], human: list[Borrowed]) -> dict[str, object]:
    rows = list(_list_rows(ours, human))
    columns = ["Role", "Parts", "Two bars or less", "Median", "9 of 10 below", "Longest (bars)"]
    return make_table("The longest stretch of a part that stands in one training work", columns=columns, rows=rows)


def _list_rows(ours: list[Borrowed], human: list[Borrowed]) -> Iterator[list[object]]:
    for role in (Role.LEAD, *_FOLLOWING):
        for whose, found in (("generated", _of_role(ours, role)), ("human, held out", _of_role(human, role))):
            if found:
                bars = sorted(each.bars for each in found)
                quantiles = [f"{bars[int(share * (len(bars) - 1))]:.2f}" for share in (0.5, 0.9, 1.0)]
                kept = f"{100 * _count_original(found) / len(found):.0f} %"
                yield [f"{role}, {whose}", len(found), kept, *quantiles]


def _tabulate_time(found: list[Borrowed]) -> dict[str, object]:
    times = sorted(each.milliseconds for each in found)
    row = [len(times), *(f"{times[int(share * (len(times) - 1))]:.1f}" for share in (0.5, 0.95, 1.0))]
    columns = ["Parts looked up", "Median (ms)", "95 of 100 below", "Slowest"]
    return make_table("Time to look a part up", columns=columns, rows=[row])


def _plot(leads: list[Borrowed], human: list[Borrowed]) -> dict[str, object]:
    def rank(found: list[Borrowed]) -> tuple[list[float], list[float]]:
        bars = sorted(each.bars for each in found)
        return bars, [(place + 1) / len(bars) for place in range(len(bars))]

    return make_plot(
        "Leads with no longer stretch than",
        file="originality.png",
        x="bars in one training work",
        y="share of leads",
        lines={"generated": rank(leads), "human, held out": rank(human)},
    )
