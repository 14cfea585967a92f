"""What the networks of a track learned from, out of the manifests that are shipped with them."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

_PRETRAINED: Path = settings.BASE_DIR / "generator" / "pretrained"


def summarise_training(checkpoints: Mapping[str, str]) -> list[dict[str, Any]]:
    """Per instrument its checkpoint and the works that it learned from: how many, under which licences, and the digest
    of the list that names each of them. A checkpoint that this version no longer ships has its digest alone."""
    return [
        {"instrument": instrument, "checkpoint": digest, **_find_sources(instrument, digest)}
        for instrument, digest in checkpoints.items()
    ]


def _find_sources(instrument: str, digest: str) -> dict[str, Any]:
    if not instrument.isidentifier():
        return {}
    manifest = _read_manifest(_PRETRAINED / instrument / "manifest.json")
    if manifest.get("digest") != digest:
        return {}
    bills = [manifest.get("files", {}), *(each.get("files", {}) for each in manifest.get("lineage", []))]
    return {"works": [{key: bill[key] for key in ("files", "licences", "sha256") if key in bill} for bill in bills]}


@lru_cache(maxsize=32)
def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except OSError:
        return {}
