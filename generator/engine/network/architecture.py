"""The shape of a network, as it is written to architecture.json."""

from dataclasses import asdict, dataclass
from typing import Any, cast

from generator.engine.tokens.context import CONTEXT_SIZE
from generator.engine.tokens.vocabulary import DRUM_HEADS, PITCHED_HEADS


@dataclass(frozen=True, slots=True)
class Architecture:
    heads: tuple[str, ...] = PITCHED_HEADS
    """Attributes that the network draws, in order; the others are constants."""
    units: int = 256
    """Of each of the two LSTM layers."""
    context_size: int = CONTEXT_SIZE
    context_units: int = 192
    time_units: int = 32
    pitch_units: int = 48
    duration_units: int = 24
    velocity_units: int = 16
    micro_units: int = 8
    head_units: int = 192

    @classmethod
    def for_instrument(cls, *, drums: bool, units: int = 256) -> "Architecture":
        return cls(heads=DRUM_HEADS if drums else PITCHED_HEADS, units=units)

    @classmethod
    def from_json(cls, data: dict[str, object]) -> "Architecture":
        heads = tuple(cast(list[str], data["heads"]))
        return cls(**{**cast(dict[str, Any], data), "heads": heads})

    def to_json(self) -> dict[str, object]:
        return {**asdict(self), "heads": list(self.heads)}

    def embedding_units(self, head: str) -> int:
        return int(getattr(self, f"{head}_units"))
