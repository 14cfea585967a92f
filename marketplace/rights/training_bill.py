"""What the networks of a track learned from, out of the manifests that are shipped with them.

A recipe freezes this when the track is made, so that a later version that ships other networks changes nothing.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

_PRETRAINED: Path = settings.BASE_DIR / "generator" / "pretrained"
_KEPT = ("files", "licences", "sha256")


def summarise_training(checkpoints: Mapping[str, str]) -> list[dict[str, Any]]:
    """Per network its checkpoint and the works that it learned from: how many, under which licences, and the digest
    of the list that names each of them. A checkpoint that this version no longer ships has its digest alone."""
    return [
        {"instrument": instrument, "checkpoint": digest, **_find_sources(instrument, digest)}
        for instrument, digest in checkpoints.items()
    ]


def training_of(recipe: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As frozen when the track was made."""
    frozen: list[dict[str, Any]] | None = recipe.get("training")
    return summarise_training(recipe.get("checkpoints", {})) if frozen is None else frozen


def list_works(recipe: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """The lists themselves, one file a line, as (name, content), where this version still ships the very list."""
    for network in training_of(recipe):
        path = _PRETRAINED / network["instrument"] / "files.txt.gz"
        if not network.get("works") or not network["instrument"].isidentifier() or not path.exists():
            continue
        content = gzip.decompress(path.read_bytes())
        if hashlib.sha256(content).hexdigest() == network["works"][0].get("sha256"):
            yield f"training/{network['instrument']}.txt", content


def _find_sources(instrument: str, digest: str) -> dict[str, Any]:
    if not instrument.isidentifier():
        return {}
    manifest = _read_manifest(_PRETRAINED / instrument / "manifest.json")
    if manifest.get("digest") != digest:
        return {}
    own = manifest.get("files") or manifest.get("sources") or {}
    bills = [own, *(each.get("files", {}) for each in manifest.get("lineage", []))]
    return {"works": [{key: bill[key] for key in _KEPT if key in bill} for bill in bills]}


@lru_cache(maxsize=32)
def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        return {}
