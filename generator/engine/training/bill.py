"""The bill of materials: which files a network learned from, their digests and licences."""

import gzip
import hashlib
from collections import Counter

from generator.engine.corpora.allowlist import load_allowlist
from generator.engine.training.dataset import Dataset


def list_sources(dataset: Dataset) -> tuple[bytes, dict[str, object]]:
    """The list itself, gzipped (split, SHA-256, licence, path; one file a line), and a summary with its digest."""
    allowed = load_allowlist()
    lines, licences, files = [], Counter[str](), Counter[str]()
    for split, sources in dataset.sources.items():
        for path in sorted({source.split("#")[0] for source in sources}):
            entry = allowed[path.split("/", 1)[0]][path]
            lines.append(f"{split}\t{entry.sha256}\t{entry.licence}\t{path}\n")
            licences[entry.licence] += 1
            files[split] += 1
    text = "".join(lines).encode()
    summary = {"list": "files.txt.gz", "sha256": hashlib.sha256(text).hexdigest(), "files": dict(files)}
    return gzip.compress(text, mtime=0), {**summary, "licences": dict(licences)}
