"""Every sale has one standing ownership and every ownership one sale; the families' marks say the same."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, UUIDField

from marketplace.catalog.models import TrackFamily
from marketplace.rights.models import OwnershipEntry
from payments.books.findings import Finding
from payments.models import Order
from payments.states import State

_TRANSFER = OwnershipEntry.Kind.TRANSFER


def check_sales() -> Iterator[Finding]:
    """Orders that own: the register's last word on the family must be their own transfer, written once."""
    for order in _with_last_entry(Order.objects.filter(state__in=Order.OWNING), "family"):
        subject = f"order {order.pk}"
        if (order.last_kind, order.last_reference, order.last_owner) != (_TRANSFER, subject, order.company_id):
            message = f"{order.state}, but the register's last line is: {order.last_kind} by {order.last_reference}."
            yield Finding("sold-without-ownership", subject, message)
    lines = OwnershipEntry.objects.filter(kind=_TRANSFER).values("reference").annotate(count=Count("pk"))
    for line in lines.filter(count__gt=1):
        yield Finding("transferred-twice", line["reference"], f"The register holds {line['count']} transfers of it.")


def check_ownerships() -> Iterator[Finding]:
    """Families that are owned by an order: the order must own, and the other way round none may be left over."""
    owning = {f"order {pk}" for pk in Order.objects.filter(state__in=Order.OWNING).values_list("pk", flat=True)}
    for family in _with_last_entry(TrackFamily.objects.all(), "pk").filter(last_kind=_TRANSFER):
        if family.last_reference not in owning:
            message = f"{family.last_reference} owns it in the register, but is no standing sale."
            yield Finding("ownership-without-sale", f"family {family.pk}", message)


def check_families() -> Iterator[Finding]:
    """`sold_at`, `held_until` and `frozen_at` against the orders' states."""
    marks = (
        ("sold", "sold_at", Order.OWNING),
        ("held", "held_until", Order.HOLDING),
        ("frozen", "frozen_at", (State.DISPUTED,)),
    )
    for name, field, states in marks:
        with_order = Order.objects.filter(state__in=states)
        for family in TrackFamily.objects.exclude(**{field: None}).exclude(pk__in=with_order.values("family")):
            yield Finding(f"{name}-without-order", f"family {family.pk}", f"{field} is set, but no order says so.")
        for order in with_order.filter(**{f"family__{field}": None}):
            yield Finding(f"not-{name}", f"order {order.pk}", f"{order.state}, but its family's {field} is empty.")


def _with_last_entry(rows: QuerySet[Any], family: str) -> QuerySet[Any]:
    """Lines that orders caused are told by their reference; other lines change nothing about a sale."""
    caused = Q(reference__startswith="order ")
    last = OwnershipEntry.objects.filter(caused, family=OuterRef(family)).order_by("-sequence")
    annotated: QuerySet[Any] = rows.annotate(
        last_kind=Subquery(last.values("kind")[:1]),
        last_reference=Subquery(last.values("reference")[:1]),
        last_owner=Subquery(last.values("owner")[:1], output_field=UUIDField()),
    )
    return annotated
