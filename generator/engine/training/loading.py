"""An instrument's arrays, from the cache or from the corpora."""

import hashlib
import json
from pathlib import Path

from generator.engine.errors import CorpusError
from generator.engine.instruments import Instrument
from generator.engine.tokens.context import FEATURES, METRES, STYLES
from generator.engine.tokens.vocabulary import describe_vocabulary
from generator.engine.training.dataset import Dataset, build_dataset, read_dataset, save_dataset


def load_dataset(instrument: Instrument, *, corpora: Path, work: Path) -> Dataset:
    """From the cache under `work`, else from the corpora (which takes minutes)."""
    if not corpora.is_dir() or not any(corpora.iterdir()):
        raise CorpusError(f"corpora: {corpora} is missing or empty. Name the folder that holds the training corpora.")
    path = work / "cache" / "training" / f"{instrument.slug}-{_reading_stamp()}.npz"
    if path.exists():
        return read_dataset(path)
    from generator.engine.corpora.views import training_views

    views = training_views(instrument.slug, root=corpora, cache=work / "cache" / "corpora")
    dataset = build_dataset(views, instrument=instrument)
    save_dataset(dataset, path=path)
    return dataset


def _reading_stamp() -> str:
    """Changes whenever the files, the way they are read or the symbols they become change."""
    from generator.engine.corpora import metres, views
    from generator.engine.corpora.allowlist import ALLOWLIST_PATH
    from generator.engine.corpora.registry import CORPORA

    versions = {name: corpus.version for name, corpus in CORPORA.items()}
    read = b"".join(Path(str(module.__file__)).read_bytes() for module in (metres, views))
    vocabulary = json.dumps([describe_vocabulary(), FEATURES, METRES, STYLES, versions]).encode()
    return hashlib.sha256(ALLOWLIST_PATH.read_bytes() + read + vocabulary).hexdigest()[:12]
