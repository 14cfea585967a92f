"""The nightly audit: do orders, register, families, refunds, events and Stripe all tell the same story?"""

from payments.books.audit import check_books
from payments.books.findings import Finding

__all__ = ["Finding", "check_books"]
