"""How a network is trained; written to its manifest."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    epochs: int = 12
    batch: int = 64
    window: int = 128
    most_batches: int = 300
    """An epoch is a pass over the data, or this many batches where the data are larger."""
    rate: float = 2e-3
    dropout: float = 0.2
    patience: int = 3
    loudness_shift: int = 0
    """Windows are made louder or softer by up to so many velocity bands: for corpora of flat dynamics."""
    precision: str = "float32"
    """Of the training arithmetic: mixed_bfloat16 is faster where the processor has it. Weights stay float32."""
    seed: int = 0

    def to_json(self) -> dict[str, int | float | str]:
        return asdict(self)
