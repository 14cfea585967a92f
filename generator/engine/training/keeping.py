"""Whether a network that was just trained may take the place of the one that is stored."""

from pathlib import Path

from generator.engine.errors import ModelError
from generator.engine.network.store import InstrumentModel, read_model


def read_stored(slug: str, *, out: Path) -> InstrumentModel | None:
    """The stored network, if there is one that this version can play."""
    if not (out / slug / "digest").exists():
        return None
    try:
        return read_model(slug, folder=out)
    except ModelError:  # altered, or made for another vocabulary: nothing worth keeping
        return None


def choose_folder(slug: str, *, out: Path, work: Path, bits: float, stored_bits: float | None, force: bool) -> Path:
    """Where to store a network of so many bits per note: `out`, unless the one that is there does as well on the same
    test pieces; then a folder under `work`, so that neither is lost."""
    if force or stored_bits is None or bits < stored_bits:
        return out
    return work / "training" / slug / "network"
