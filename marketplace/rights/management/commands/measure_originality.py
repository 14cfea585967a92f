"""Precision and recall of the fingerprint on a labelled set that is made here."""

from argparse import ArgumentParser
from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generator.engine.originality.fingerprint import Fingerprint
from generator.engine.originality.labelled import Pair, draw_melody, make_pairs
from generator.engine.originality.likeness import TOO_CLOSE, TOO_CLOSE_SHORT, Likeness, compare


class Command(BaseCommand):
    help = "Measures how well near duplicates are told from strangers: 9 kinds of variants, 2 kinds of strangers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--melodies", type=int, default=400, help="how many melodies are drawn (2 to 20000)")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--notes", type=int, default=0, help="cut each melody to so many notes (6 to 100)")

    def handle(self, *, melodies: int, seed: int, notes: int, **options: Any) -> None:
        if not 2 <= melodies <= 20_000:
            raise CommandError(f"--melodies {melodies}: must be from 2 to 20000.")
        if notes and not 6 <= notes <= 100:
            raise CommandError(f"--notes {notes}: must be from 6 to 100.")
        lines = [draw_melody(seed * 100_000 + number)[: notes or None] for number in range(melodies)]
        found: dict[tuple[bool, str], list[Likeness]] = defaultdict(list)
        for pair in make_pairs(lines, seed=seed):
            found[pair.is_same, pair.kind].append(_compare(pair))
        self._write_table(found)

    def _write_table(self, table: dict[tuple[bool, str], list[Likeness]]) -> None:
        self.stdout.write("| Pair | Pairs | Least share | Median | Greatest | Called too close |")
        self.stdout.write("|---|---|---|---|---|---|")
        for (_, kind), found in table.items():
            ordered = sorted(each.share for each in found)
            figures = f"{ordered[0]:.2f} | {ordered[len(ordered) // 2]:.2f} | {ordered[-1]:.2f}"
            self.stdout.write(f"| {kind} | {len(found)} | {figures} | {_count_close(found)} |")
        same = [each for (is_same, _), found in table.items() if is_same for each in found]
        other = [each for (is_same, _), found in table.items() if not is_same for each in found]
        hits, false = _count_close(same), _count_close(other)
        precision = hits / (hits + false) if hits + false else 0.0
        self.stdout.write(
            f"\nThreshold {TOO_CLOSE} of grams, {TOO_CLOSE_SHORT} of notes: precision {precision:.4f}, "
            f"recall {hits / len(same):.4f} ({len(same)} variants, {len(other)} strangers)."
        )


def _compare(pair: Pair) -> Likeness:
    first, second = (Fingerprint(digest=name, lines=(line,)) for name, line in (("1", pair.first), ("2", pair.second)))
    return compare(first, second)


def _count_close(found: list[Likeness]) -> int:
    return sum(each.is_too_close for each in found)
