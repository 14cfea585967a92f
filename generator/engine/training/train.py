"""Train an instrument's network, measure it, store it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS, Instrument
from generator.engine.network.architecture import Architecture
from generator.engine.network.build import build_network, named_weights
from generator.engine.network.foresight import remove_foresight
from generator.engine.network.store import InstrumentModel, Weights, read_model, save_model
from generator.engine.training.baseline import cached_baselines, relative_gain, total_bits
from generator.engine.training.bill import list_sources
from generator.engine.training.dataset import Dataset, longest_run
from generator.engine.training.evaluate import measure_network
from generator.engine.training.fit import fit_network
from generator.engine.training.keeping import choose_folder, read_stored
from generator.engine.training.loading import load_dataset
from generator.engine.training.recut import measure_recut
from generator.engine.training.settings import Settings


def train_instrument(
    slug: str,
    *,
    corpora: Path,
    out: Path,
    work: Path,
    settings: Settings,
    resume: bool = False,
    start_from: str | None = None,
    force: bool = False,
    report: Callable[[str], None] = print,
) -> InstrumentModel:
    """Read the corpora under `corpora`, train, and write `out`/<slug>. `work` keeps caches and checkpoints.

    `start_from` names an instrument under `out` whose weights to begin with. A stored network that does as well on the
    test pieces is kept, and the new one goes to `work`, unless `force` is set. Raises CorpusError or ModelError.
    """
    instrument = known_instrument(slug)
    architecture = Architecture.for_instrument(drums=instrument.is_drums)
    ancestor = None if start_from is None else read_model(start_from, folder=out)
    if ancestor is not None:
        check_ancestor(ancestor, architecture=architecture, slug=slug)
    dataset = load_dataset(instrument, corpora=corpora, work=work)
    for split, stream in dataset.splits.items():
        report(f"{slug}: {split} {len(stream.starts)} parts, {stream.note_count} notes")
    network = _begin_network(architecture, settings=settings, ancestor=ancestor)
    curve = fit_network(
        network,
        dataset=dataset,
        heads=architecture.heads,
        settings=settings,
        folder=work / "training" / slug,
        resume=resume,
    )
    weights = read_weights(network)
    measured = _measure(dataset, architecture=architecture, weights=weights, corpora=corpora, work=work, slug=slug)
    bits = measured["bits_per_note"]["total"]
    report(f"{slug}: {bits} bits per note, {measured['gain']:.1%} below the best 5-gram")
    stored_bits = _measure_stored(slug, dataset=dataset, heads=architecture.heads, out=out)
    folder = choose_folder(slug, out=out, work=work, bits=bits, stored_bits=stored_bits, force=force)
    if folder != out:
        report(f"{slug}: {out / slug} does as well ({stored_bits}) and is kept; --force replaces it. New: {folder}")
    described = _describe_training(dataset, settings=settings, curve=curve) | {"lineage": _list_ancestors(ancestor)}
    return _store(
        slug,
        dataset=dataset,
        architecture=architecture,
        weights=weights,
        manifest={**described, **measured, **_measure_origin(ancestor, dataset=dataset)},
        folder=folder,
    )


def _store(
    slug: str,
    *,
    dataset: Dataset,
    architecture: Architecture,
    weights: Weights,
    manifest: dict[str, Any],
    folder: Path,
) -> InstrumentModel:
    """With the list of the files that it learned from."""
    bill, files = list_sources(dataset)
    (folder / slug).mkdir(parents=True, exist_ok=True)
    (folder / slug / "files.txt.gz").write_bytes(bill)
    remove_foresight(slug, folder=folder)
    return save_model(
        slug=slug,
        architecture=architecture,
        weights=weights,
        run_limit=longest_run(dataset.splits["train"]),
        manifest={**manifest, "files": files},
        folder=folder,
    )


def _begin_network(architecture: Architecture, *, settings: Settings, ancestor: InstrumentModel | None) -> keras.Model:
    keras.utils.set_random_seed(settings.seed)
    keras.mixed_precision.set_dtype_policy(settings.precision)
    network = build_network(architecture, dropout=settings.dropout)
    if ancestor is not None:
        copy_weights(ancestor.weights, network=network)
    return network


def _measure(
    dataset: Dataset, *, architecture: Architecture, weights: Weights, corpora: Path, work: Path, slug: str
) -> dict[str, Any]:
    """Bits per note on the test split: the network's, the n-grams', and the share that the network saves; of drums also
    on playing recut for other metres."""
    twin = exact_twin(architecture, weights)
    figures = measure_network(twin, stream=dataset.splits["test"], heads=architecture.heads)
    path = work / "cache" / "training" / f"{slug}.baselines.json"
    baselines = cached_baselines(dataset, heads=architecture.heads, path=path)
    recut = {}
    if known_instrument(slug).is_drums:
        recut = {"recut": measure_recut(twin, heads=architecture.heads, corpora=corpora, work=work)}
    return {
        "bits_per_note": {"total": total_bits(figures), **figures},
        "baselines": {name: {"total": total_bits(found), **found} for name, found in baselines.items()},
        "gain": relative_gain(network=figures, baselines=baselines),
        **recut,
    }


def _measure_stored(slug: str, *, dataset: Dataset, heads: tuple[str, ...], out: Path) -> float | None:
    """Bits per note of the stored network on these very test pieces; None where there is none to compare with."""
    stored = read_stored(slug, out=out)
    if stored is None or stored.architecture.heads != heads:
        return None
    twin = exact_twin(stored.architecture, stored.weights)
    return total_bits(measure_network(twin, stream=dataset.splits["test"], heads=heads))


def check_ancestor(ancestor: InstrumentModel, *, architecture: Architecture, slug: str) -> None:
    """Raises ModelError where its weights would not fit. (A stored network of another vocabulary is not even read.)"""
    own, other = architecture.to_json(), ancestor.architecture.to_json()
    differing = [name for name in own if own[name] != other.get(name)]
    if differing:
        said = ", ".join(f"{name} {other.get(name)} instead of {own[name]}" for name in differing)
        raise ModelError(
            f"start_from: the network of {ancestor.slug!r} cannot begin that of {slug!r}: it has {said}. "
            "Begin with an instrument of the same kind, or leave --start-from out."
        )


def _measure_origin(ancestor: InstrumentModel | None, *, dataset: Dataset) -> dict[str, Any]:
    """What the network that this one began with needs on the same test pieces."""
    if ancestor is None:
        return {}
    heads = ancestor.architecture.heads
    twin = exact_twin(ancestor.architecture, ancestor.weights)
    figures = measure_network(twin, stream=dataset.splits["test"], heads=heads)
    return {"origin": {"instrument": ancestor.slug, "bits_per_note": {"total": total_bits(figures), **figures}}}


def _list_ancestors(ancestor: InstrumentModel | None) -> list[dict[str, Any]]:
    """The networks that this one began with, the first of them first, and the files that each learned from."""
    if ancestor is None:
        return []
    own = {"instrument": ancestor.slug, "digest": ancestor.digest, "files": ancestor.manifest["files"]}
    return [*ancestor.manifest.get("lineage", []), own]


def known_instrument(slug: str) -> Instrument:
    if slug not in INSTRUMENTS:
        raise ModelError(f"instrument: {slug!r} is unknown. Choose one of {', '.join(INSTRUMENTS)}, or conductor.")
    return INSTRUMENTS[slug]


def read_weights(network: keras.Model) -> Weights:
    """As they will be stored: rounded to float16."""
    arrays = {name: np.asarray(keras.ops.convert_to_numpy(v)) for name, v in named_weights(network).items()}
    return {name: array.astype(np.float16).astype(np.float32) for name, array in arrays.items()}


def copy_weights(weights: Weights, *, network: keras.Model) -> None:
    """Into the network wherever name and shape agree."""
    for name, variable in named_weights(network).items():
        found = weights.get(name)
        if found is not None and found.shape == tuple(variable.shape):
            variable.assign(found)


def exact_twin(architecture: Architecture, weights: Weights) -> keras.Model:
    """The network in float32, as the weights will be read: what is measured is what is shipped."""
    keras.mixed_precision.set_dtype_policy("float32")
    network = build_network(architecture)
    copy_weights(weights, network=network)
    return network


def _describe_training(dataset: Dataset, *, settings: Settings, curve: list[float]) -> dict[str, Any]:
    parts = {split: {"parts": len(s.starts), "notes": s.note_count} for split, s in dataset.splits.items()}
    return {
        "split": parts,
        "settings": settings.to_json(),
        "epochs": len(curve),
        "validation_nats_per_row": curve,
    }
