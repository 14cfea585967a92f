"""What the records say about a disputed sale: in words, in Stripe's fields, as tables and as data."""

import csv
import json
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from django.db.models import Model, QuerySet

from marketplace.catalog.money import format_money
from marketplace.rights.models import Download
from marketplace.rights.queries import downloads_of
from payments.models import Letter, Order

LONGEST_TEXT = 20_000
"""Stripe takes so many characters a field, and 150,000 in all."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run: a buyer may be called anything."""
_LOG = {"at": "created_at", "person": "user", "track": "track", "file": "file_name"}
_HISTORY = {
    "at": "created_at",
    "from": "from_state",
    "to": "to_state",
    "actor": "actor",
    "reason": "reason",
    "stripe_ids": "stripe_ids",
}
_LETTERS = {"written": "created_at", "sent": "sent_at", "to": "recipients", "subject": "subject"}


def write_statement(order: Order) -> str:
    """A first draft for the administrator, from the records."""
    downloads = list(list_downloads(order))
    track, buyer = order.track, order.billing.get("buyer", {})
    lines = [
        f"On {order.created_at:%d %B %Y} {buyer.get('legal_name') or order.company} bought the exclusive rights in the "
        f'music track "{track.title}" (copyright ID {track.copyright_id}) for '
        f"{format_money(order.amount, order.currency)} on our site, logged in as {order.user.email}.",
        "The rights passed at once: the sale stands in our ownership register, and a signed certificate was issued. "
        "The track left the sale for good, so we could not sell it to anybody else.",
    ]
    if downloads:
        lines.append(
            f"The buyer downloaded {len({one.file_name for one in downloads})} files of it, first on "
            f"{downloads[0].created_at:%d %B %Y, %H:%M} UTC; the access log is below."
        )
    return "\n\n".join(lines)


def list_downloads(order: Order) -> Iterable[Download]:
    return downloads_of(order.family, company=order.company)


def describe_for_bank(order: Order, statement: str) -> dict[str, str]:
    """In the fields of Stripe's evidence. Empty ones are left out: Stripe would take them for an answer."""
    buyer = order.billing.get("buyer", {})
    address = [buyer.get(name, "") for name in ("line1", "line2", "postal_code", "city", "state", "country")]
    fields = {
        "product_description": f"Exclusive rights in the music track {order.track.title}, {order.track.copyright_id}",
        "customer_name": buyer.get("legal_name") or order.company.name,
        "customer_email_address": order.user.email,
        "billing_address": ", ".join(part for part in address if part),
        "service_date": f"{order.created_at:%Y-%m-%d}",
        "access_activity_log": _cut(write_access_log(order)),
        "uncategorized_text": statement,
    }
    return {name: value for name, value in fields.items() if value}


def describe_delivery(order: Order) -> dict[str, Any]:
    fetched: dict[str, list[str]] = {}
    for one in list_downloads(order):
        fetched.setdefault(one.file_name, []).append(one.created_at.isoformat())
    sold = order.transitions.filter(to_state=Order.State.SOLD).order_by("pk").first()
    return {
        "order": str(order.pk),
        "payment": order.payment_intent_id,
        "copyright_id": order.track.copyright_id,
        "owner": order.company.name,
        "buyer": order.billing.get("buyer", {}),
        "available_since": sold.created_at.isoformat() if sold else None,
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256, "fetched": fetched.get(file.name, [])}
            for file in order.track.files.all()
            if not file.is_preview
        ],
        "other_papers_fetched": {
            name: times for name, times in fetched.items() if not order.track.files.filter(name=name).exists()
        },
    }


def write_access_log(order: Order) -> str:
    return _write_csv(_LOG, list_downloads(order))


def _cut(table: str) -> str:
    """As many whole lines as Stripe takes, the first ones."""
    return table if len(table) <= LONGEST_TEXT else table[:LONGEST_TEXT].rpartition("\n")[0]


def write_history(order: Order) -> str:
    return _write_csv(_HISTORY, order.transitions.all())


def list_letters(order: Order) -> QuerySet[Letter]:
    """To the buyer, the first ones first."""
    return order.letters.filter(is_internal=False).order_by("pk")


def write_letters(order: Order) -> str:
    return _write_csv(_LETTERS, list_letters(order))


def _write_csv(columns: Mapping[str, str], rows: Iterable[Model]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_write_cell(getattr(row, field)) for field in columns.values()] for row in rows)
    return out.getvalue()


def _write_cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
