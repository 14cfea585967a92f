"""Build the index of what was trained on: `python -m generator.engine.originality --root DIR`."""

import argparse
import sys
from pathlib import Path

from generator.engine.errors import EngineError
from generator.engine.originality.corpus_index import INDEX_PATH, WORKS_PATH, write_index
from generator.engine.originality.indexing import WorkList, list_entries, read_pieces
from generator.engine.originality.works import write_works


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the index of the training corpora.")
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the corpora")
    parser.add_argument("--cache", type=Path, default=Path("var/cache/corpora"), help="where readings are kept")
    options = parser.parse_args()
    try:
        works = WorkList(options.root)
        entries = list(list_entries(read_pieces(root=options.root, cache=options.cache, split="train"), works=works))
        write_index(entries, path=INDEX_PATH)
    except EngineError as error:
        print(error, file=sys.stderr)
        return 1
    write_works(works.works, path=WORKS_PATH)
    print(f"{len(entries)} passages of {len(works.works)} works, {INDEX_PATH.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
