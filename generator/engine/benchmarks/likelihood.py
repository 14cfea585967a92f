"""Bits per note on held-out pieces: each network beside two interpolated 5-grams over the same symbols, and on pitch
beside the reference's architecture trained for as long on the same files."""

from functools import partial
from typing import Any

from generator.engine.instruments import INSTRUMENTS
from generator.engine.measuring.options import Options
from generator.engine.measuring.reference import read_races
from generator.engine.measuring.results import Result, make_plot, make_result, make_table
from generator.engine.network.sampling import load_model
from generator.engine.network.store import available_instruments

LEAST_GAIN = 0.10


def run(options: Options) -> Result:
    measure = quote_manifest if options.corpora is None else partial(measure_instrument, options=options)
    found = {slug: measure(slug) for slug in available_instruments()}
    races = read_races(options)
    worst = min(each["gain"] for each in found.values())
    faster = set(races) == set(found) and all(race["ratio"] > 1 for race in races.values())
    said = ", ".join(f"{slug} {race['ratio']:.2f}" for slug, race in races.items()) or "not trained here"
    return make_result(
        claim=f"Every network lies below the best 5-gram by {worst:.0%} or more; bits of the reference's architecture "
        f"on pitch after equal training time over ours: {said}",
        target="10 % below the 5-gram for every instrument; on pitch below the reference after equal training time",
        met=worst >= LEAST_GAIN and faster,
        value=worst,
        instruments=found,
        races={slug: {k: v for k, v in race.items() if k != "curve"} for slug, race in races.items()},
        tables=[
            make_table(
                "Bits per note, test pieces",
                columns=["", "Notes", "Time", "Pitch", "Length", "Velocity", "All", "Best 5-gram", "Below it by"],
                rows=[_list_row(slug, each) for slug, each in found.items()],
            ),
            make_table(
                "Pitch, after equal training time on the same files",
                columns=["", "CPU seconds each", "Reference, bits per note", "Ours", "Notes seen, reference", "ours"],
                rows=[
                    [slug, race["seconds"], *race["pitch_bits_per_note"].values(), *race["notes_seen"].values()]
                    for slug, race in races.items()
                ],
            ),
        ],
        plots=[_plot_curves(found)],
        notes=[
            "`python -m tests.benchmarks.reference_training --corpora DIR --instrument NAME --seconds N` trains the "
            "pairs of the second table, both from nothing, on the same files, for the same CPU time, so that whatever "
            "else the machine does favours neither. In so little the reference, which runs three layers of 512 through "
            "a window of a hundred for every note that it learns, sees hardly any.",
            "Quoted from the manifests, where training measured them on the test pieces; `--corpora DIR` measures anew."
            if options.corpora is None
            else "Measured now, on the test pieces of the corpora.",
        ],
    )  # fmt: skip


def measure_instrument(slug: str, *, options: Options) -> dict[str, Any]:
    """The stored network and the 5-grams on the corpora's test pieces, measured now."""
    from generator.engine.training.baseline import cached_baselines, relative_gain, total_bits
    from generator.engine.training.evaluate import measure_network
    from generator.engine.training.loading import load_dataset
    from generator.engine.training.train import exact_twin

    dataset = load_dataset(INSTRUMENTS[slug], corpora=options.need_corpora(), work=options.work)
    model = load_model(slug)
    heads = model.architecture.heads
    twin = exact_twin(model.architecture, model.weights)
    figures = measure_network(twin, stream=dataset.splits["test"], heads=heads)
    path = options.work / "cache" / "training" / f"{slug}.baselines.json"
    baselines = cached_baselines(dataset, heads=heads, path=path)
    return {
        "notes": dataset.splits["test"].note_count,
        "bits_per_note": {"total": total_bits(figures), **figures},
        "best_5_gram": min(total_bits(each) for each in baselines.values()),
        "gain": relative_gain(network=figures, baselines=baselines),
        "curve": model.manifest.get("validation_nats_per_row", []),
        "digest": model.digest,
    }


def quote_manifest(slug: str) -> dict[str, Any]:
    """What training measured when it stored the network."""
    from generator.engine.training.baseline import total_bits

    model = load_model(slug)
    manifest = model.manifest
    return {
        "notes": manifest["split"]["test"]["notes"],
        "bits_per_note": manifest["bits_per_note"],
        "best_5_gram": min(total_bits(_by_head(each)) for each in manifest["baselines"].values()),
        "gain": manifest["gain"],
        "curve": manifest["validation_nats_per_row"],
        "digest": model.digest,
    }


def _by_head(figures: dict[str, float]) -> dict[str, float]:
    return {head: bits for head, bits in figures.items() if head != "total"}


def _list_row(slug: str, found: dict[str, Any]) -> list[object]:
    bits = found["bits_per_note"]
    third, fourth = ("micro", "velocity") if "micro" in bits else ("duration", "velocity")
    return [
        slug, found["notes"], bits["time"], bits["pitch"], bits[third], bits[fourth], bits["total"],
        found["best_5_gram"], f"{found['gain']:.0%}",
    ]  # fmt: skip


def _plot_curves(found: dict[str, Any]) -> dict[str, Any]:
    lines = {slug: ([float(n + 1) for n in range(len(each["curve"]))], each["curve"]) for slug, each in found.items()}
    return make_plot("Last training runs", file="likelihood.png", x="epoch", y="validation nats per row", lines=lines)
