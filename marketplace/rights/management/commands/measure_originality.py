"""Precision and recall of the fingerprint on a labelled set that is made here."""

from argparse import ArgumentParser
from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generator.engine.originality.fingerprint import Fingerprint
from generator.engine.originality.labelled import Pair, draw_melody, make_pairs
from generator.engine.originality.likeness import TOO_CLOSE, compare


class Command(BaseCommand):
    help = "Measures how well near duplicates are told from strangers: 9 kinds of variants, 2 kinds of strangers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--melodies", type=int, default=400, help="how many melodies are drawn (2 to 20000)")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *, melodies: int, seed: int, **options: Any) -> None:
        if not 2 <= melodies <= 20_000:
            raise CommandError(f"--melodies {melodies}: must be from 2 to 20000.")
        lines = [draw_melody(seed * 100_000 + number) for number in range(melodies)]
        shares: dict[tuple[bool, str], list[float]] = defaultdict(list)
        for pair in make_pairs(lines, seed=seed):
            shares[pair.is_same, pair.kind].append(_measure_share(pair))
        self._write_table(shares)

    def _write_table(self, shares: dict[tuple[bool, str], list[float]]) -> None:
        self.stdout.write("| Pair | Pairs | Least share | Median | Greatest | Called too close |")
        self.stdout.write("|---|---|---|---|---|---|")
        for (_, kind), found in shares.items():
            ordered = sorted(found)
            figures = f"{ordered[0]:.2f} | {ordered[len(ordered) // 2]:.2f} | {ordered[-1]:.2f}"
            self.stdout.write(f"| {kind} | {len(found)} | {figures} | {_count_close(found)} |")
        same = [share for (is_same, _), found in shares.items() if is_same for share in found]
        other = [share for (is_same, _), found in shares.items() if not is_same for share in found]
        hits, false = _count_close(same), _count_close(other)
        precision = hits / (hits + false) if hits + false else 0.0
        self.stdout.write(
            f"\nThreshold {TOO_CLOSE}: precision {precision:.4f}, recall {hits / len(same):.4f} "
            f"({len(same)} variants, {len(other)} strangers)."
        )


def _measure_share(pair: Pair) -> float:
    first, second = (Fingerprint(digest=name, lines=(line,)) for name, line in (("1", pair.first), ("2", pair.second)))
    return compare(first, second).share


def _count_close(shares: list[float]) -> int:
    return sum(share >= TOO_CLOSE for share in shares)
