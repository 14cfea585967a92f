"""The critic's table of how people play: `python -m generator.engine.measuring.habits --corpora DIR` writes it anew.

Phrases of four bars out of training pieces, one a part, none of them held out: their traits and their energy, nothing
from which the music could be heard again.
"""

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from generator.engine.composing.habits import find_manner, find_usual_density
from generator.engine.composing.people import TABLE
from generator.engine.composing.traits import TRAITS, measure_traits
from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.music import Stretch, cut_stretch, list_human_parts
from generator.engine.measuring.options import Options

_BARS = 4
_FEWEST = 6
"""Notes of a phrase."""
_MOST = 64
"""Phrases of each kind."""
_KIND = 24
"""Fewer than so many make no kind of their own."""

Row = list[float | None]


def make_table(options: Options) -> dict[str, list[Row]]:
    """By instrument, manner and corpus: rows of energy and traits, None where a trait does not apply."""
    table: dict[str, list[Row]] = {}
    for slug in (slug for slug, player in INSTRUMENTS.items() if not player.is_drums):
        kinds: dict[str, list[Stretch]] = {}
        for part in list_human_parts(slug, options=options, split="train"):
            kinds.setdefault(f"{slug}/{find_manner(slug, role=part.role)}/{part.plan.style}", []).append(part)
        table |= {name: _pick_rows(parts) for name, parts in sorted(kinds.items()) if len(parts) >= _KIND}
    return table


def _pick_rows(parts: Sequence[Stretch]) -> list[Row]:
    rows: list[Row] = []
    for place in np.random.default_rng(0).permutation(len(parts)):
        phrases = list(cut_stretch(parts[place], bars=_BARS, fewest=_FEWEST))
        if phrases:
            rows.append(_describe(phrases[len(rows) % len(phrases)]))
        if len(rows) == _MOST:
            break
    return sorted(rows, key=lambda row: row[0] or 0.0)


def _describe(phrase: Stretch) -> Row:
    plan = phrase.plan
    usual = find_usual_density(plan, instrument=phrase.instrument, role=phrase.role, start=0, stop=plan.length)
    traits = measure_traits(phrase.notes, plan=plan, lead=phrase.lead, start=0, stop=plan.length, usual=usual)
    row = [sum(plan.energies) / len(plan.energies), *(traits[name] for name in TRAITS)]
    return [None if math.isnan(value) else round(value, 3) for value in row]


def write_table(table: dict[str, list[Row]], *, path: Path) -> None:
    """A row a line, so that a new table can be compared with the old one."""
    path.write_text("".join(_list_lines(table)), "utf-8")


def _list_lines(table: dict[str, list[Row]]) -> Iterator[str]:
    yield f'{{"columns": {json.dumps(["energy", *TRAITS])},\n"phrases": {{\n'
    for place, (name, rows) in enumerate(table.items()):
        yield ("" if place == 0 else ",\n") + json.dumps(name) + ": [\n"
        yield ",\n".join(json.dumps(row) for row in rows) + "\n]"
    yield "\n}}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the critic's table of how people play.")
    parser.add_argument("--corpora", type=Path, required=True, help="the folder of the training corpora")
    parser.add_argument("--work", type=Path, default=Path("var"), help="caches")
    arguments = parser.parse_args()
    table = make_table(Options(corpora=arguments.corpora, work=arguments.work))
    write_table(table, path=TABLE)
    print(f"{sum(map(len, table.values()))} phrases of {len(table)} kinds in {TABLE}")


if __name__ == "__main__":
    main()
