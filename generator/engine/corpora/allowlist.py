"""The training bill of materials: every file that may be learnt from, with its digest, licence and split.

`allowlist.json.gz` was made once by `python -m generator.engine.corpora.curate` and is reviewed like code. Whatever is
not on it, or differs from it by a byte, is refused.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from generator.engine.errors import CorpusError

ALLOWLIST_PATH = Path(__file__).with_name("allowlist.json.gz")
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class AllowedFile:
    path: str
    """Corpus and path inside it, with forward slashes: 'groove/drummer1/session1/1_funk_80_beat_4-4.mid'."""
    sha256: str
    licence: str
    splits: tuple[str, ...]
    """One for the file, or one for each tune that it holds."""


@cache
def load_allowlist(path: Path = ALLOWLIST_PATH) -> dict[str, dict[str, AllowedFile]]:
    """Allowed files by corpus and path."""
    content: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return {
        corpus: {
            name: AllowedFile(path=name, sha256=digest, licence=listed["licence"], splits=tuple(splits))
            for name, (digest, splits) in listed["files"].items()
        }
        for corpus, listed in content.items()
    }


def write_allowlist(content: dict[str, Any], *, path: Path = ALLOWLIST_PATH) -> None:
    """Write reproducibly: sorted, compressed without a date."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def check_allowed(path: str, *, data: bytes, allowlist: dict[str, dict[str, AllowedFile]]) -> AllowedFile:
    """The entry for a file, or a CorpusError that says why it may not be learnt from."""
    listed = allowlist.get(path.split("/", 1)[0], {})
    if path not in listed:
        raise CorpusError(f"{path}: not on the allow-list; nobody has cleared it for training.")
    if digest_bytes(data) != listed[path].sha256:
        raise CorpusError(f"{path}: differs from the file that was cleared; restore the original.")
    return listed[path]


def digest_bytes(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
