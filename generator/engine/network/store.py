"""A folder per instrument: weights.npz (float16), architecture.json, vocabulary.json, manifest.json, digest."""

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
from generator.engine.network.architecture import Architecture
from generator.engine.tokens.context import FEATURES, METRES, STYLES
from generator.engine.tokens.vocabulary import describe_vocabulary

PRETRAINED = Path(__file__).resolve().parents[2] / "pretrained"
DIGESTED = ("weights.npz", "architecture.json", "vocabulary.json")

Weights = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class InstrumentModel:
    slug: str
    digest: str
    """SHA-256 of weights, architecture and vocabulary."""
    architecture: Architecture
    packed: dict[str, npt.NDArray[np.float16]]
    """The weights as they are stored."""
    run_limit: int
    """No pitch is struck more often than this in a row."""
    manifest: dict[str, Any]

    @property
    def weights(self) -> Weights:
        """Widened anew: whoever needs them often keeps what it makes of them."""
        return {name: array.astype(np.float32) for name, array in self.packed.items()}


def available_instruments(folder: Path = PRETRAINED) -> tuple[str, ...]:
    """Instruments with a stored network, in score order. Reads nothing but the folder."""
    return tuple(slug for slug in INSTRUMENTS if (folder / slug / "digest").exists())


def save_model(
    *, slug: str, architecture: Architecture, weights: Weights, run_limit: int, manifest: dict[str, Any], folder: Path
) -> InstrumentModel:
    """Write the instrument's folder file by file, the digest last; return the model as it will be loaded."""
    target = folder / slug
    target.mkdir(parents=True, exist_ok=True)
    files = {
        "weights.npz": _pack_weights(weights),
        "architecture.json": _dump_json(architecture.to_json()),
        "vocabulary.json": _dump_json(_describe(run_limit)),
    }
    digest = _digest_files(files)
    files["manifest.json"] = _dump_json({"instrument": slug, "digest": digest, **manifest})
    files["digest"] = (digest + "\n").encode()
    for name, content in files.items():
        partial = target / (name + ".part")
        partial.write_bytes(content)
        os.replace(partial, target / name)
    return read_model(slug, folder=folder)


def read_model(slug: str, *, folder: Path = PRETRAINED) -> InstrumentModel:
    """Read and verify an instrument's network; `ModelError` says what is wrong and what to do."""
    target = folder / slug
    try:
        files = {name: (target / name).read_bytes() for name in DIGESTED}
        stated = (target / "digest").read_text().strip()
        manifest = json.loads((target / "manifest.json").read_text())
    except OSError as error:
        known = ", ".join(available_instruments(folder)) or "none"
        raise ModelError(
            f"No trained network for {slug!r} in {folder} (there: {known}). "
            f"Restore the folder from the repository or run: manage.py train --instrument {slug} --corpora DIR"
        ) from error
    digest = _digest_files(files)
    if digest != stated:
        raise ModelError(
            f"The network of {slug!r} in {target} was altered: its digest is {digest[:12]}…, {stated[:12]}… was "
            "expected. Restore the folder from the repository or train it again."
        )
    return _assemble(slug, files=files, digest=digest, manifest=manifest)


def _assemble(slug: str, *, files: dict[str, bytes], digest: str, manifest: dict[str, Any]) -> InstrumentModel:
    vocabulary = json.loads(files["vocabulary.json"])
    run_limit = int(vocabulary["run_limit"])
    if vocabulary != json.loads(_dump_json(_describe(run_limit))):
        raise ModelError(f"The network of {slug!r} was made for another vocabulary: train it again with this version.")
    with np.load(BytesIO(files["weights.npz"]), allow_pickle=False) as stored:
        weights = {name: stored[name] for name in stored.files}
    architecture = Architecture.from_json(json.loads(files["architecture.json"]))
    return InstrumentModel(slug, digest, architecture, weights, run_limit, manifest)


def _describe(run_limit: int) -> dict[str, object]:
    context = {"features": FEATURES, "metres": list(METRES), "styles": list(STYLES)}
    return {**describe_vocabulary(), "context": context, "run_limit": run_limit}


def _pack_weights(weights: Weights) -> bytes:
    packed = BytesIO()
    np.savez(packed, allow_pickle=False, **{name: weights[name].astype(np.float16) for name in sorted(weights)})
    return packed.getvalue()


def _dump_json(data: object) -> bytes:
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode()


def _digest_files(files: dict[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in DIGESTED:
        total.update(hashlib.sha256(files[name]).digest())
    return total.hexdigest()
