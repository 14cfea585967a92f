"""Invoices and credit notes: numbered without gaps, never changed."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from payments.models.orders import Order
from payments.models.returns import Dispute, Refund


class InvoiceCounter(models.Model):
    """The last number given out in a year's series. The row is locked in the transaction of the sale, so a sale that is
    rolled back takes its number back with it, and the next sale gets it."""

    series = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="invoice_counter_once")]

    def __str__(self) -> str:
        return f"{self.series}-{self.year}: {self.last}"


class Invoice(models.Model):
    """An invoice, or a credit note that corrects one. The PDF is drawn from `content` alone."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    refund = models.OneToOneField(Refund, on_delete=models.PROTECT, null=True, related_name="credit_note")
    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, null=True, related_name="credit_note")
    """What a credit note gives back: a refund, or a lost dispute. Neither for the sale's own invoice."""
    series = models.CharField(max_length=8)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField()
    total = models.PositiveIntegerField()
    """Minor units of `currency`, tax included."""
    currency = models.CharField(max_length=3)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the content's canonical JSON, so that a change made past the database's own refusal is seen."""
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["series", "year", "sequence"], name="invoice_number_once"),
            models.UniqueConstraint(
                fields=["order"], condition=Q(refund=None, dispute=None), name="invoice_one_per_order"
            ),
            models.CheckConstraint(condition=Q(refund=None) | Q(dispute=None), name="invoice_corrects_one_thing"),
        ]

    def __str__(self) -> str:
        return self.number

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("An invoice is never changed: write a credit note instead.")
        super().save(**options)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        raise TypeError("An invoice is never deleted: write a credit note instead.")

    @property
    def number(self) -> str:
        return f"{self.series}-{self.year}-{self.sequence:06d}"

    @property
    def is_credit_note(self) -> bool:
        return self.refund_id is not None or self.dispute_id is not None
