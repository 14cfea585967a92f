"""Making the allow-list, once and by hand: `python -m generator.engine.corpora.curate --root DIR`.

Only what a person has cleared is listed (see `registry`); files that hold what another listed file holds are left out.
Splits go by group of works that share a name or music (see `duplicates`): 80 % train, 10 % validation, 10 % test by a
hash of the group's name. Groove keeps the split that its authors published.
"""

import argparse
import csv
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any

from generator.engine.corpora.allowlist import digest_bytes, load_allowlist, write_allowlist
from generator.engine.corpora.duplicates import group_works
from generator.engine.corpora.registry import CORPORA
from generator.engine.corpora.store import Works
from generator.engine.errors import CorpusError

_LEFT_OUT = re.compile(r"mutopia-guitar/(guitar-duo-\d|anna-magdalena-04-guitar-tab|TwoMinorPreludes(-1)?)\.mid")
"""Practice tracks of the duo, the tablature of a minuet, and preludes that Carcassi's method contains."""


def curate_corpus(name: str, *, root: Path) -> dict[str, Any]:
    """The allow-list's entry for one corpus."""
    found = [(path, file) for path, file in CORPORA[name].list_paths(root) if not _LEFT_OUT.fullmatch(path)]
    with ProcessPoolExecutor(max_workers=2) as pool:
        read = list(pool.map(_read_works, [(name, path, str(file)) for path, file in found], chunksize=8))
    splits = (
        _read_published_splits(root) if name == "groove" else _assign_splits(name, found=found, read=read, root=root)
    )
    files = {
        path: [digest_bytes(file.read_bytes()), [splits[f"{path}#{index}"] for index in range(1, len(works) + 1)]]
        for (path, file), works in zip(found, read, strict=True)
    }
    return {"licence": CORPORA[name].licence, "files": files}


def _read_works(job: tuple[str, str, str]) -> Works:
    name, path, file = job
    try:
        return CORPORA[name].read(Path(file).read_bytes(), path)
    except CorpusError:
        return []


def _assign_splits(
    name: str, *, found: Sequence[tuple[str, Path]], read: Sequence[Works], root: Path
) -> dict[str, str]:
    titles = _read_titles(name, root=root)
    labels, works, names = [], [], []
    for (path, _), pieces in zip(found, read, strict=True):
        for index, work in enumerate(pieces, start=1):
            labels.append(f"{path}#{index}")
            works.append(work)
            title = titles.get(path) or (work[0].title if work and name == "music21" else "")
            names.append(name_work(path, title=title))
    groups = group_works(works, names=names)
    return {label: choose_split(names[group] or labels[group]) for label, group in zip(labels, groups, strict=True)}


def choose_split(group: str) -> str:
    """A split by a stable hash: 80 train, 10 validation, 10 test in a hundred."""
    place = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") % 100
    return "train" if place < 80 else "validation" if place < 90 else "test"


def name_work(path: str, *, title: str) -> str:
    """One name for all versions of a work: composer and title without number, opus, version and accents."""
    corpus, *folders = PurePosixPath(path).parts
    if corpus == "openscore-lieder":
        return _plain(f"{folders[0]} {re.sub(r'^[0-9]+[a-z]?_', '', folders[-2]).split(',')[0].split('_(')[0]}")
    if corpus == "openscore-string-quartets":
        return _plain(f"{folders[0]} {folders[-2]}")
    if corpus == "music21":
        return _plain(re.split(r"--|\(|\.$", title)[0])
    bach = re.search(r"BWV\s*(\d+)", title)
    return f"bwv {bach[1]}" if bach else _plain(title)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", folded))


def _read_titles(name: str, *, root: Path) -> dict[str, str]:
    """Titles from the corpora's own indexes, where the path does not tell."""
    if name == "mutopia-guitar":
        rows = _read_csv(root / name / "index.csv")
        return {f"{name}/{row['midi']}": f"{row['composer']} {row['title']} {row['opus']}" for row in rows}
    if name == "mcgill-billboard":
        rows = _read_csv(root / name / "billboard-2.0-index.csv")
        return {f"{name}/{int(row['id']):04}/salami_chords.txt": f"{row['artist']} {row['title']}" for row in rows}
    return {}


def _read_published_splits(root: Path) -> dict[str, str]:
    return {f"groove/{row['midi_filename']}#1": row["split"] for row in _read_csv(root / "groove" / "info.csv")}


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the corpora")
    parser.add_argument("--corpus", choices=sorted(CORPORA), help="renew this corpus alone")
    options = parser.parse_args()
    names = [options.corpus] if options.corpus else list(CORPORA)
    content = {name: _list_again(name) for name in (load_allowlist() if options.corpus else {})}
    content |= {name: curate_corpus(name, root=options.root) for name in names}
    write_allowlist(content)
    print({name: len(entry["files"]) for name, entry in content.items()})


def _list_again(name: str) -> dict[str, Any]:
    allowed = load_allowlist()[name]
    licence = CORPORA[name].licence
    return {"licence": licence, "files": {path: [each.sha256, list(each.splits)] for path, each in allowed.items()}}


if __name__ == "__main__":
    main()
