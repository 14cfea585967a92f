"""What does not agree, in one line that says where and what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    kind: str
    """'sold-without-ownership', 'unknown-payment', …: stable, one per way in which the books can break."""
    subject: str
    """'order 6f1c…', 'family 12', 'session cs_…'."""
    message: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}: {self.message}"


Check = Callable[[], Iterator[Finding]]
