"""Numbers without gaps: given out under the lock of a counter row, in the transaction that needs them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from payments.models import InvoiceCounter


@dataclass(frozen=True)
class InvoiceNumber:
    series: str
    year: int
    sequence: int
    at: datetime
    """Read under the lock, so that a later number never carries an earlier date."""

    def __str__(self) -> str:
        return f"{self.series}-{self.year}-{self.sequence:06d}"


def take_number(*, series: str) -> InvoiceNumber:
    """The next number, for the transaction that is under way: if that is rolled back, the number is free again.

    A database sequence would be faster, and would leave a gap for every rollback.
    """
    year = timezone.now().year
    while True:
        counter, _ = InvoiceCounter.objects.select_for_update().get_or_create(series=series, year=year)
        now = timezone.now()
        if now.year == year:
            break
        year = now.year  # we waited for the lock across New Year
    counter.last += 1
    counter.save(update_fields=["last"])
    return InvoiceNumber(series=series, year=year, sequence=counter.last, at=now)
