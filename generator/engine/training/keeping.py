"""Whether a network that was just trained may take the place of the one that is stored."""

from pathlib import Path

from generator.engine.errors import ModelError
from generator.engine.network.foresight import Foresight, read_foresight
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


def keep_foresight(model: InstrumentModel, *, out: Path, gain: float, force: bool) -> Foresight | None:
    """The stored one, where it gains as much in the same gaps as the one that was just trained; None where that one may
    take its place."""
    try:
        stored = read_foresight(model, folder=out)
    except ModelError:  # altered, or trained for another network: nothing worth keeping
        return None
    if force or stored is None or gain > stored.manifest["gaps"]["gain"]:
        return None
    return stored
