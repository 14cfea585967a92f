"""Train what a stored network sees of the bars after a gap. Its other weights stay as they are, to the bit."""

from collections.abc import Callable
from pathlib import Path

import keras

from generator.engine.network.build import build_network
from generator.engine.network.foresight import PREFIX, Foresight, save_foresight
from generator.engine.network.store import InstrumentModel, Weights, read_model
from generator.engine.training.dataset import Dataset
from generator.engine.training.fit import fit_batches
from generator.engine.training.gap_likelihood import measure_gaps, summarise_gaps
from generator.engine.training.gaps import GapBatches
from generator.engine.training.keeping import keep_foresight
from generator.engine.training.loading import load_dataset
from generator.engine.training.settings import Settings
from generator.engine.training.train import copy_weights, known_instrument, read_weights


def train_foresight(
    slug: str,
    *,
    corpora: Path,
    out: Path,
    work: Path,
    settings: Settings,
    resume: bool = False,
    force: bool = False,
    report: Callable[[str], None] = print,
) -> Foresight:
    """Write foresight.npz and foresight.json to `out`/<slug>, beside the network, unless what is stored there gains as
    much and `force` is not set. Raises CorpusError or ModelError."""
    instrument = known_instrument(slug)
    model = read_model(slug, folder=out)
    dataset = load_dataset(instrument, corpora=corpora, work=work)
    network = begin_foresight(model, settings=settings)
    curve = fit_batches(
        network,
        train=_batches(dataset, split="train", heads=model.architecture.heads, settings=settings),
        validation=_batches(dataset, split="validation", heads=model.architecture.heads, settings=settings),
        heads=model.architecture.heads,
        settings=settings,
        folder=work / "training" / f"{slug}-{PREFIX}",
        resume=resume,
    )
    learned = _read_learned(network)
    twin = exact_foresight(model, learned)
    figures = summarise_gaps(measure_gaps(twin, stream=dataset.splits["test"], heads=model.architecture.heads))
    report(f"{slug}: held-out bars gain {figures['gain']:+.3f} ± {figures['bound']:.3f} nats a note")
    kept = keep_foresight(model, out=out, gain=figures["gain"], force=force)
    if kept is not None:
        report(f"{slug}: what is stored gains {kept.manifest['gaps']['gain']:+.3f} and is kept; --force replaces it.")
        return kept
    described = {"settings": settings.to_json(), "epochs": len(curve), "validation_nats_per_row": curve}
    return save_foresight(model, weights=learned, manifest={**described, "gaps": figures}, folder=out)


def begin_foresight(model: InstrumentModel, *, settings: Settings) -> keras.Model:
    """The stored network, frozen, with new weights that see what follows and change nothing yet."""
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_dtype_policy(settings.precision)
    network = build_network(model.architecture, dropout=settings.dropout, foresees=True)
    copy_weights(model.weights, network=network)
    for layer in network.layers:
        layer.trainable = layer.name.startswith(PREFIX)
    return network


def exact_foresight(model: InstrumentModel, learned: Weights) -> keras.Model:
    """The network in float32 with weights as they will be read: what is measured is what is shipped."""
    network = begin_foresight(model, settings=Settings(dropout=0.0))
    copy_weights(learned, network=network)
    return network


def _batches(dataset: Dataset, *, split: str, heads: tuple[str, ...], settings: Settings) -> GapBatches:
    most = settings.most_batches if split == "train" else max(settings.most_batches // 6, 8)
    return GapBatches(
        dataset.splits[split], heads=heads, batch=settings.batch, window=settings.window, most_batches=most,
        seed=settings.seed, anew=split == "train",
    )  # fmt: skip


def _read_learned(network: keras.Model) -> Weights:
    """The new weights alone, as they will be stored."""
    return {name: array for name, array in read_weights(network).items() if name.startswith(PREFIX)}
