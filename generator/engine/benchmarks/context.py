"""Whether what stands after a gap tells anything about it: held-out human bars under the network that fills the gap,
with and without its sight of what follows.

A gap is two bars somewhere in a test part. Both probabilities are of the same event: these notes in these bars, and no
other. The steps into and out of the gap count where they lead within it, or that they leave it; never where the music
goes on, which one side knows. Without what follows the network is the shipped one, to the bit. One gap a part; two
standard errors over gaps.
"""

from functools import partial
from typing import Any

from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.options import Options
from generator.engine.measuring.results import Result, make_result, make_table
from generator.engine.network.foresight import Foresight, read_foresight
from generator.engine.network.sampling import load_model
from generator.engine.network.store import available_instruments


def run(options: Options) -> Result:
    foreseeing = _list_foreseeing()
    quoted = options.corpora is None
    measure = partial(measure_instrument, options=options)
    found = {slug: each.manifest["gaps"] if quoted else measure(each) for slug, each in foreseeing.items()}
    least = min(each["gain"] - each["bound"] for each in found.values())
    mean = sum(each["gain"] for each in found.values()) / len(found)
    return make_result(
        claim=f"a note of held-out bars gains {mean:.3f} nats where the bars that follow are known (mean over "
        f"{', '.join(found)}); in each instrument at least {least:.3f}, two standard errors below what was found",
        target="above 0 by two standard errors, for each instrument",
        met=least > 0,
        value=round(least, 4),
        instruments=found,
        tables=[
            make_table(
                "Nats a note of the held-out bars",
                columns=["Instrument", "Gaps", "Without what follows", "With", "Gain", "Two standard errors"],
                rows=[[slug, *_show(each)] for slug, each in found.items()],
            )
        ],
        notes=[
            (__doc__ or "").split("\n\n", 1)[1].replace("\n", " ").strip(),
            "Quoted from what training measured; `--corpora DIR` measures anew."
            if quoted
            else "Measured now, on the test pieces of the corpora.",
        ],
    )


def _list_foreseeing() -> dict[str, Foresight]:
    found = {slug: read_foresight(load_model(slug)) for slug in available_instruments()}
    return {slug: foresight for slug, foresight in found.items() if foresight is not None}


def measure_instrument(foresight: Foresight, *, options: Options) -> dict[str, float | int]:
    """The stored network and its foresight on the corpora's test pieces, measured now."""
    from generator.engine.training.foreseeing import exact_foresight
    from generator.engine.training.gap_likelihood import MOST_GAPS, measure_gaps, summarise_gaps
    from generator.engine.training.loading import load_dataset

    slug = foresight.manifest["instrument"]
    dataset = load_dataset(INSTRUMENTS[slug], corpora=options.need_corpora(), work=options.work)
    model = load_model(slug)
    gaps = measure_gaps(
        exact_foresight(model, foresight.weights),
        stream=dataset.splits["test"],
        heads=model.architecture.heads,
        most=options.size(MOST_GAPS),
        seed=options.seed,
    )
    return summarise_gaps(gaps)


def _show(figures: dict[str, Any]) -> list[str]:
    return [
        str(figures["gaps"]),
        *(f"{figures[name]:.3f}" for name in ("without", "with")),
        f"{figures['gain']:+.3f}",
        f"{figures['bound']:.3f}",
    ]
