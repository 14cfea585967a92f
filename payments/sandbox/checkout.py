"""Checkout Sessions and the payments made in them."""

from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.cards import SETTLING_SECONDS, Card, find_card
from payments.sandbox.customers import start_customer
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Document, make_id
from payments.sandbox.taxes import describe_tax, tax_customer

SHORTEST_LIFE, LONGEST_LIFE = 30 * 60, 24 * 60 * 60
_LONGEST = {"client_reference_id": 200, "customer_email": 800}


class CardDeclinedError(Exception):
    """The bank says no; the session stays open for another card."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def create_session(account: Account, parameters: dict[str, Any]) -> Document:
    _check_session(account, parameters)
    items = parameters["line_items"]
    amount = sum(item.get("quantity", 1) * item["price_data"]["unit_amount"] for item in items)
    expires_at = parameters.get("expires_at", account.clock.now() + LONGEST_LIFE)
    session: Document = {
        "id": make_id("cs_test"),
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "cancel_url": parameters.get("cancel_url"),
        "client_reference_id": parameters.get("client_reference_id"),
        "created": account.clock.now(),
        "currency": items[0]["price_data"]["currency"],
        "customer_email": parameters.get("customer_email"),
        "expires_at": expires_at,
        "livemode": False,
        "metadata": parameters.get("metadata", {}),
        "mode": parameters["mode"],
        "payment_intent": None,
        "payment_status": "unpaid",
        "status": "open",
        "success_url": parameters["success_url"],
        "ui_mode": "hosted_page",
        "url": None,
        "_due": expires_at,
        **describe_tax(parameters, subtotal=amount),
        **start_customer(parameters),
        "_title": items[0]["price_data"]["product_data"]["name"],
        "_description": items[0]["price_data"]["product_data"].get("description", ""),
        "_intent_data": parameters.get("payment_intent_data", {}),
    }
    return account.store.put(session)


def _check_session(account: Account, parameters: dict[str, Any]) -> None:
    """What the library's types leave open, and Stripe's documentation demands of a hosted payment."""
    for name in ("mode", "line_items", "success_url"):
        if not parameters.get(name):
            raise ApiError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    if parameters["mode"] != "payment" or parameters.get("ui_mode", "hosted_page") != "hosted_page":
        raise ApiError("The sandbox serves mode=payment on the hosted page alone.", param="mode")
    for name, longest in _LONGEST.items():
        if len(parameters.get(name, "")) > longest:
            raise ApiError(f"Invalid {name}: at most {longest} characters.", param=name)
    for item in parameters["line_items"]:
        _check_item(item)
    life = parameters.get("expires_at", account.clock.now() + LONGEST_LIFE) - account.clock.now()
    if not SHORTEST_LIFE <= life <= LONGEST_LIFE:
        raise ApiError(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _check_item(item: dict[str, Any]) -> None:
    price = item.get("price_data", {})
    if "unit_amount" not in price or "product_data" not in price:
        raise ApiError("The sandbox needs price_data with unit_amount and product_data.", param="line_items")
    if price["unit_amount"] < 1 or item.get("quantity", 1) < 1:
        raise ApiError("Invalid integer: amounts and quantities start at 1.", param="line_items")
    if len(price["currency"]) != 3 or price["currency"] != price["currency"].lower():
        raise ApiError(f"Invalid currency: {price['currency']}.", param="line_items[0][price_data][currency]")


def expire_session(account: Account, session_id: str) -> Document:
    session = account.require("checkout.session", session_id)
    if session["status"] != "open":
        raise ApiError(
            f"Only Checkout Sessions with a status of `open` can be expired. This one is `{session['status']}`.",
            is_executed=True,
        )
    return _expire(account, session)


def pay_session(
    account: Account,
    session_id: str,
    *,
    number: str,
    even_if_expired: bool = False,
    customer: Document | None = None,
) -> Document:
    """The buyer submits a card. Raises CardDeclinedError and leaves the session open if the card is refused.

    `customer` is what was typed beside it, as `payments.sandbox.customers` reads it: the tax depends on it.
    """
    session = account.require("checkout.session", session_id)
    is_late = session["status"] == "expired" and even_if_expired
    if session["status"] != "open" and not is_late:
        raise ApiError(f"This Checkout Session is {session['status']}.")
    card = find_card(number)
    if card is None:
        raise CardDeclinedError("incorrect_number")
    if card.decline_code:
        raise CardDeclinedError(card.decline_code)
    if customer:
        session |= {"_typed": customer, **tax_customer(session, customer, seller=account.country)}
    intent = _prepare_intent(account, session, card)
    session["payment_intent"] = intent["id"]
    if card.needs_authentication:
        account.store.put(intent | {"status": "requires_action"})
        return account.store.put(session)
    return _complete(account, session, intent, settles_late=card.settles_late)


def authenticate_session(account: Account, session_id: str, *, is_approved: bool) -> Document:
    """The end of 3-D Secure: the buyer has confirmed at the bank, or the bank takes the buyer for somebody else."""
    session = account.require("checkout.session", session_id)
    intent = account.require("payment_intent", session["payment_intent"] or "none")
    if session["status"] != "open" or intent["status"] != "requires_action":
        raise ApiError(f"No authentication is under way: the Checkout Session is {session['status']}.")
    if not is_approved:
        account.store.put(intent | {"status": "requires_payment_method"})
        return session
    return _complete(account, session, intent, settles_late=None)


def _complete(account: Account, session: Document, intent: Document, *, settles_late: bool | None) -> Document:
    session |= {"status": "complete", "_due": None}
    session["customer_details"] = session.get("_typed") or session["customer_details"]
    if settles_late is None:
        _capture(account, session, intent)
    else:
        session |= {"_due": account.clock.now() + SETTLING_SECONDS, "_settles_well": settles_late}
    account.store.put(session)
    account.emit("checkout.session.completed", session)
    return session


def settle_session(account: Account, session_id: str, *, is_paid: bool) -> Document:
    """The bank's last word on a delayed payment."""
    session = account.require("checkout.session", session_id)
    intent = account.require("payment_intent", session["payment_intent"])
    session["_due"] = None
    if is_paid:
        _capture(account, session, intent)
    else:
        account.store.put(intent | {"status": "requires_payment_method"})
    account.store.put(session)
    account.emit(f"checkout.session.async_payment_{'succeeded' if is_paid else 'failed'}", session)
    return session


def run_due_sessions(account: Account) -> None:
    """What time does by itself: open sessions expire, delayed payments settle."""
    for session in account.store.list_due("checkout.session", account.clock.now()):
        if session["status"] == "open":
            _expire(account, session)
        else:
            settle_session(account, session["id"], is_paid=session["_settles_well"])


def _expire(account: Account, session: Document) -> Document:
    """Also in the middle of 3-D Secure: what the bank approves after this takes no money."""
    session |= {"status": "expired", "_due": None}
    if session["payment_intent"]:
        account.store.put(account.require("payment_intent", session["payment_intent"]) | {"status": "canceled"})
    account.store.put(session)
    account.emit("checkout.session.expired", session)
    return session


def _prepare_intent(account: Account, session: Document, card: Card) -> Document:
    """One intent per session, however many cards are tried."""
    return account.store.put(
        {
            "id": session["payment_intent"] or make_id("pi"),
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_received": 0,
            "created": account.clock.now(),
            "currency": session["currency"],
            "description": session["_intent_data"].get("description"),
            "latest_charge": None,
            "livemode": False,
            "metadata": session["_intent_data"].get("metadata", {}),
            "status": "processing",
            "_refund_ends": card.refund_ends,
            "_disputed_as": card.disputed_as,
        }
    )


def _capture(account: Account, session: Document, intent: Document) -> None:
    disputed_as = intent.get("_disputed_as")
    charge = account.store.put(
        {
            "id": make_id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_refunded": 0,
            "created": account.clock.now(),
            "currency": intent["currency"],
            "disputed": False,
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": True,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
            "_disputed_as": disputed_as,
            "_due": account.clock.now() + SETTLING_SECONDS if disputed_as else None,
        }
    )
    account.store.put(
        intent | {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
    )
    session["payment_status"] = "paid"
