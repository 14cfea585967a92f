"""One Stripe account in test mode: its objects, its clock, the events it emits."""

from dataclasses import dataclass, field
from typing import Any

from payments.sandbox import errors
from payments.sandbox.clock import Clock
from payments.sandbox.store import Document, Store, make_id, publish

API_VERSION = "2026-10-28.endive"
"""Of the pinned library. A client that asks for another version is refused."""


@dataclass
class Account:
    store: Store
    clock: Clock = field(default_factory=Clock)
    uploads: dict[str, bytes] = field(default_factory=dict)
    """Of requests that are under way: what the form names by the content's digest."""
    url: str = ""
    """Where this sandbox listens now. Pages are built from it, so that they survive a restart on another port."""
    sends_webhooks: bool = False
    allows_overpaid_refunds: bool = False
    """Stripe refuses to refund more than was paid. Tests let it, to see that our own guards need no such help."""
    country: str = "DE"
    """Where the account's business is, and collects tax."""
    refund_status: str = "succeeded"
    """What a new refund of an ordinary card becomes."""

    def require(self, kind: str, object_id: str) -> Document:
        document = self.store.get(object_id)
        if document is None or document["object"] != kind:
            raise errors.missing(kind, object_id)
        return document

    def show(self, document: Document) -> Document:
        """A document as the API gives it out."""
        shown = publish(document)
        if document["object"] == "dispute":
            due_by = shown["evidence_details"]["due_by"]
            shown["evidence_details"] = {**shown["evidence_details"], "past_due": self.clock.now() >= due_by}
        if document["object"] == "checkout.session":
            shown["url"] = f"{self.url}/c/pay/{document['id']}" if document["status"] == "open" else None
        return shown

    def emit(self, kind: str, document: Document) -> Document:
        """Store the event, and schedule its webhook in the same transaction."""
        event: Document = {
            "id": make_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.clock.now(),
            "data": {"object": self.show(document)},
            "livemode": False,
            "pending_webhooks": 1 if self.sends_webhooks else 0,
            "request": {"id": None, "idempotency_key": None},
            "type": kind,
        }
        self.store.put(event)
        if self.sends_webhooks:
            self.store.schedule(event["id"], attempts=0, due=self.clock.now())
        return event

    def list_page(self, kind: str, parameters: dict[str, Any], filters: dict[str, Any], path: str) -> Document:
        """A page of a list, newest first, with Stripe's cursors."""
        found = [
            one for one in self.store.list_kind(kind) if all(one.get(name) == value for name, value in filters.items())
        ]
        created = parameters.get("created")
        if created is not None:
            found = [one for one in found if _is_within(one["created"], created)]
        if "starting_after" in parameters:
            ids = [one["id"] for one in found]
            if parameters["starting_after"] not in ids:
                raise errors.missing(kind, parameters["starting_after"])
            found = found[ids.index(parameters["starting_after"]) + 1 :]
        limit = parameters.get("limit", 10)
        if not 1 <= limit <= 100:
            raise errors.ApiError(f"Invalid limit: {limit} is not within 1 to 100.", param="limit")
        data = [self.show(one) for one in found[:limit]]
        return {"object": "list", "data": data, "has_more": len(found) > limit, "url": path}


def _is_within(created: int, bounds: dict[str, int] | int) -> bool:
    if isinstance(bounds, int):
        return created == bounds
    compare = {
        "gt": created.__gt__,
        "gte": created.__ge__,
        "lt": created.__lt__,
        "lte": created.__le__,
    }
    return all(compare[name](bound) for name, bound in bounds.items())
