"""The conductor's bill of materials: which files it learned chords from, with digests and licences."""

import gzip
import hashlib
from collections import Counter
from collections.abc import Sequence

from generator.engine.corpora.reading import CorpusPiece

LIST = "files.txt.gz"


def list_files(pieces: Sequence[CorpusPiece]) -> tuple[bytes, dict[str, object]]:
    """The list, gzipped (split, SHA-256, licence, path; one file a line), and a summary with its digest."""
    files = sorted({(piece.split, piece.sha256, piece.licence, piece.path.split("#")[0]) for piece in pieces})
    text = "".join("\t".join(file) + "\n" for file in files).encode()
    summary: dict[str, object] = {
        "list": LIST,
        "sha256": hashlib.sha256(text).hexdigest(),
        "files": dict(Counter(split for split, *_ in files)),
        "licences": dict(Counter(licence for _, _, licence, _ in files)),
    }
    return gzip.compress(text, mtime=0), summary
