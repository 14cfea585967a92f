"""Read the corpora into the cache and report: `python -m generator.engine.corpora --root DIR --cache DIR`."""

import argparse
import sys
from pathlib import Path

from generator.engine.corpora.reading import CORES, read_corpus
from generator.engine.corpora.registry import CORPORA
from generator.engine.errors import CorpusError


def main() -> int:
    parser = argparse.ArgumentParser(description="Read the training corpora into a cache and report.")
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the corpora")
    parser.add_argument("--cache", type=Path, default=Path("var/cache/corpora"), help="where readings are kept")
    parser.add_argument("--corpus", choices=sorted(CORPORA), help="this corpus alone")
    parser.add_argument("--workers", type=int, default=CORES, help="(%(default)s)")
    options = parser.parse_args()
    for name in [options.corpus] if options.corpus else CORPORA:
        try:
            reading = read_corpus(name, root=options.root, cache=options.cache, workers=options.workers)
        except CorpusError as error:
            print(error, file=sys.stderr)
            return 1
        print(f"{name}: {len(reading.pieces)} excerpts read, {len(reading.refusals)} works or files refused")
        print(reading.describe())
    return 0


if __name__ == "__main__":
    sys.exit(main())
