"""Can a classifier tell composed parts from held-out human parts of the same instrument? And does it see at all?"""

import numpy as np

from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.music import Stretch, choose, compose_pieces, list_composed_parts, list_human_parts
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.measuring.telling import measure_telling, walk_randomly

TARGET = 0.80
SEES = 0.95
MOST = 100
"""Human parts of an instrument. Where the test pieces have fewer, the validation pieces fill up: no network learned
from them either."""


def run(options: Options) -> Result:
    pieces = compose_pieces(options.size(64), seed=options.seed, network=options.network)
    rows: list[list[object]] = []
    areas: dict[str, float] = {}
    walks: dict[str, float] = {}
    for slug, parts in sorted(list_composed_parts(pieces).items()):
        human = choose(_list_held_out(slug, options=options), most=MOST, seed=options.seed)
        areas[slug] = round(measure_telling(human, parts, seed=options.seed), 4)
        if not INSTRUMENTS[slug].is_drums:
            walked = [walk_randomly(each, seed=number) for number, each in enumerate(human)]
            walks[slug] = round(measure_telling(human, walked, seed=options.seed), 4)
        rows.append([slug, len(human), len(parts), areas[slug], walks.get(slug, "–")])
    mean, worst = round(float(np.mean(list(areas.values()))), 4), max(areas.values())
    seen = round(float(np.mean(list(walks.values()))), 4)
    return make_result(
        claim=f"Composed bars are told from human ones with an area under the curve of {mean:.2f} (mean over "
        f"instruments; {worst:.2f} at most); a random walk in human rhythm with {seen:.2f}",
        target=f"at most {TARGET:.2f} for every instrument, and above {SEES:.2f} for the random walk",
        met=worst <= TARGET and seen > SEES,
        value=mean,
        areas=areas,
        random_walk=walks,
        tables=[
            make_table(
                "Area under the curve",
                columns=("Instrument", "Human parts", "Composed parts", "Composed", "Random walk"),
                rows=rows,
            )
        ],
        notes=[
            "A network of one hidden layer on features of two bars, trained on half of the pieces, tested on the other "
            "half, and once the other way round. It sees pitches against chord, key and each other, moves, lengths, "
            "places in the bar and the likeness of the two bars."
        ],
    )


def _list_held_out(slug: str, *, options: Options) -> list[Stretch]:
    parts = list_human_parts(slug, options=options)
    more = list_human_parts(slug, options=options, split="validation") if len(parts) < MOST else []
    return [*parts, *more]
