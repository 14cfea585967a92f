"""The bill of materials: which files a network learned from, their digests and licences."""

import gzip
import hashlib
from collections import Counter
from pathlib import Path

from generator.engine.training.dataset import Dataset


def list_sources(dataset: Dataset, *, corpora: Path) -> tuple[bytes, dict[str, object]]:
    """The list itself, gzipped (split, SHA-256, licence, path; one file a line), and a summary with its digest."""
    from generator.engine.corpora.allowlist import load_allowlist

    allowed = load_allowlist()
    lines, licences, per_split = [], Counter[str](), Counter[str]()
    for split, sources in dataset.sources.items():
        for source in sources:
            entry = allowed[source]
            lines.append(f"{split}\t{entry.sha256}\t{entry.licence}\t{source}\n")
            licences[entry.licence] += 1
            per_split[split] += 1
    text = "".join(lines).encode()
    digest = hashlib.sha256(text).hexdigest()
    return gzip.compress(text, mtime=0), {
        "list": "files.txt.gz",
        "sha256": digest,
        "licences": dict(licences),
        "splits": dict(per_split),
    }
