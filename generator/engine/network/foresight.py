"""What a network adds to its context while it fills a gap: weights that see the bars after the gap, stored beside the
network that they were trained for and read only when an edit needs them."""

import hashlib
import json
import os
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from generator.engine.errors import ModelError
from generator.engine.instruments import INSTRUMENTS
from generator.engine.network.store import PRETRAINED, InstrumentModel, Weights
from generator.engine.score import Note
from generator.engine.tokens.following import FEATURES, following_table, hear_strokes

Floats = npt.NDArray[np.float32]

PREFIX = "foresight"
"""How the names of the weights begin."""


@dataclass(frozen=True, slots=True)
class Foresight:
    weights: Weights
    """As the layers of `build` name them: categories of what follows -> what is known of it (categories, k); that ->
    the step (k, width of the LSTM's input) and each head's hidden (k, hidden)."""
    mix: Floats
    """What is known -> gates of layer 1 and every head's hidden, in the order of `fusing`'s mix."""
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the stored weights."""
        return str(self.manifest["digest"])

    def shares(self, table: npt.NDArray[np.int16]) -> Floats:
        """What the places of a table (n, features) add to gates and heads: (n, 4u + heads * hidden)."""
        kernel = self.weights[f"{PREFIX}/kernel"]
        known = np.zeros((len(table), kernel.shape[1]), np.float32)
        for column in table.T:
            known += kernel[column]
        return np.asarray(np.maximum(known, 0.0) @ self.mix, np.float32)


def fuse_foresight(weights: Weights, *, model: InstrumentModel) -> Floats:
    heads = [weights[f"{PREFIX}_{head}/kernel"] for head in model.architecture.heads]
    gates = weights[f"{PREFIX}_step/kernel"] @ model.packed["lstm_1/kernel"].astype(np.float32)
    return np.concatenate([gates, *heads], axis=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The notes that stand after a gap, and who can make use of them."""

    foresight: Foresight
    notes: tuple[Note, ...]
    """Onsets at the gap's end or later; at least one."""

    def shares(self, ticks: npt.NDArray[np.int64], *, slug: str, stop: int, bar_ticks: int) -> Floats:
        """At each of the ticks of a gap that ends at `stop`: (n, 4u + heads * hidden)."""
        strokes = hear_strokes(self.notes, drums=INSTRUMENTS[slug].is_drums)
        table = following_table(strokes, ticks=ticks, stops=np.full(len(ticks), stop), bar_ticks=bar_ticks)
        return self.foresight.shares(table)


def save_foresight(model: InstrumentModel, *, weights: Weights, manifest: dict[str, Any], folder: Path) -> Foresight:
    """Write foresight.npz (float16) and foresight.json beside the network that it was trained for."""
    packed = BytesIO()
    np.savez(packed, allow_pickle=False, **{name: weights[name].astype(np.float16) for name in sorted(weights)})
    stated = {
        "instrument": model.slug, "network": model.digest, "features": FEATURES,
        "digest": hashlib.sha256(packed.getvalue()).hexdigest(), **manifest,
    }  # fmt: skip
    described = json.dumps(stated, indent=1, ensure_ascii=False) + "\n"
    for name, content in (("foresight.npz", packed.getvalue()), ("foresight.json", described.encode())):
        partial = folder / model.slug / (name + ".part")
        partial.write_bytes(content)
        os.replace(partial, partial.with_suffix(""))
    return _unpack(packed.getvalue(), model=model, manifest=stated)


def read_foresight(model: InstrumentModel, *, folder: Path = PRETRAINED) -> Foresight | None:
    """Read and verified; None where the network has none. Raises ModelError for one altered or of another network."""
    target = folder / model.slug
    try:
        packed, manifest = (target / "foresight.npz").read_bytes(), json.loads((target / "foresight.json").read_text())
    except FileNotFoundError:
        return None
    remedy = f"Restore the folder from the repository or run: manage.py train --foresight --instrument {model.slug}"
    if hashlib.sha256(packed).hexdigest() != manifest["digest"]:
        raise ModelError(f"{target}/foresight.npz was altered: its digest is not the one stated. {remedy}")
    if manifest["network"] != model.digest or manifest["features"] != FEATURES:
        raise ModelError(f"{target}/foresight.npz was trained for another network. {remedy}")
    return _unpack(packed, model=model, manifest=manifest)


def _unpack(packed: bytes, *, model: InstrumentModel, manifest: dict[str, Any]) -> Foresight:
    with np.load(BytesIO(packed), allow_pickle=False) as stored:
        weights = {name: stored[name].astype(np.float32) for name in stored.files}
    return Foresight(weights, fuse_foresight(weights, model=model), manifest)


def remove_foresight(slug: str, *, folder: Path) -> None:
    """Of a network that is replaced: it would not fit the new one."""
    for name in ("foresight.npz", "foresight.json"):
        (folder / slug / name).unlink(missing_ok=True)
