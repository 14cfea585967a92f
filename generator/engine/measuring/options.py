"""What a benchmark is told."""

from dataclasses import dataclass
from pathlib import Path

from generator.engine.errors import EngineError


class BenchmarkError(EngineError):
    """A benchmark that does not exist, or that lacks what it measures."""

    code = "benchmark_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    corpora: Path | None = None
    """The folder that holds the training corpora, for human music held out."""
    chorales: Path | None = None
    """The published JSB_Chorales.mat, for `jsb`."""
    work: Path = Path("var")
    """Caches and checkpoints."""
    pieces: int | None = None
    """Sample size; each benchmark has a default of its own."""
    seed: int = 0
    network: str = "lstm"
    """'none' leaves the plan and the grammar alone, for comparison."""

    def size(self, default: int) -> int:
        return self.pieces or default

    def need_corpora(self) -> Path:
        if self.corpora is None or not self.corpora.is_dir():
            raise BenchmarkError(f"corpora: {self.corpora} is no folder. Name the folder of the training corpora.")
        return self.corpora
