"""The hosted payment page: what a buyer sees of Stripe."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Template
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from marketplace.catalog.money import format_money
from payments.sandbox.account import Account
from payments.sandbox.api import run_due
from payments.sandbox.cards import CARDS
from payments.sandbox.checkout import CardDeclinedError, authenticate_session, pay_session
from payments.sandbox.customers import IncompleteError, asks_for_address, list_country_options, read_customer
from payments.sandbox.errors import ApiError
from payments.sandbox.store import Document

_FOLDER = Path(__file__).parent
_REFUSALS = {
    "incorrect_number": "This is not one of the test cards: see the list below.",
    "insufficient_funds": "Your card has insufficient funds. Try another card.",
    "expired_card": "Your card has expired. Try another card.",
}
_NOT_AUTHENTICATED = "We are unable to authenticate your payment method. Try another card."


@dataclass(frozen=True)
class Page:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def show_page(
    account: Account, session_id: str, *, refusal: str = "", typed: Mapping[str, str] = MappingProxyType({})
) -> Page:
    session = _find_session(account, session_id)
    if session is None:
        return Page(404, "No such Checkout Session.\n", {"Content-Type": "text/plain; charset=utf-8"})
    status = 200
    if session["status"] == "complete":
        content = _say("This is paid, or its payment is on the way.", _success_url(session), "Go back to the shop")
    elif session["status"] == "expired":
        content = _say("This checkout has expired. Nothing was charged.", session["cancel_url"], "Go back to the shop")
    elif _is_authenticating(account, session):
        content = _load("challenge.html").substitute(session=session["id"], amount=html.escape(_format_amount(session)))
    else:
        content = _render_form(session, refusal, typed)
        status = 402 if refusal else 200
    values = {"title": session["_title"], "description": session["_description"], "amount": _format_amount(session)}
    escaped = {name: html.escape(value) for name, value in values.items()}
    return Page(status, _load("page.html").substitute(escaped, content=content), _headers(session))


def submit_page(account: Account, session_id: str, form: str) -> Page:
    """The buyer pressed Pay. Of the card only the number counts; a refused one leaves the session open."""
    session = _find_session(account, session_id)
    if session is None or session["status"] != "open":
        return show_page(account, session_id)
    fields = {name: values[0] for name, values in parse_qs(form, max_num_fields=20).items()}
    number = fields.get("card_number", "")
    try:
        customer = read_customer(session, fields)
        with account.store.transaction():
            paid = pay_session(account, session_id, number=number, customer=customer)
    except IncompleteError as error:
        return show_page(account, session_id, refusal=str(error), typed=fields)
    except CardDeclinedError as error:
        refusal = _REFUSALS.get(error.code, "Your card was declined. Try another.")
        return show_page(account, session_id, refusal=refusal, typed=fields)
    except ApiError:
        return show_page(account, session_id)  # paid in another tab, or expired, between the two looks
    if paid["status"] == "open" or "close_tab" in fields:  # the bank asks first; or the buyer never goes back
        return Page(303, headers={"Location": f"/c/pay/{session_id}"})
    return Page(303, headers={"Location": _success_url(paid)})


def submit_authentication(account: Account, session_id: str, form: str) -> Page:
    """The buyer answered the bank. What was paid, expired or answered meanwhile is shown as it is now."""
    if _find_session(account, session_id) is None:
        return show_page(account, session_id)
    is_approved = parse_qs(form, max_num_fields=20).get("answer", [""])[0] == "approve"
    try:
        with account.store.transaction():
            session = authenticate_session(account, session_id, is_approved=is_approved)
    except ApiError:
        return show_page(account, session_id)
    if not is_approved:
        return show_page(account, session_id, refusal=_NOT_AUTHENTICATED)
    return Page(303, headers={"Location": _success_url(session)})


def load_style() -> Page:
    return Page(200, (_FOLDER / "page.css").read_text(encoding="utf-8"), {"Content-Type": "text/css; charset=utf-8"})


def _find_session(account: Account, session_id: str) -> Document | None:
    with account.store.transaction():
        run_due(account)
    session = account.store.get(session_id)
    return session if session and session["object"] == "checkout.session" else None


def _is_authenticating(account: Account, session: Document) -> bool:
    intent = account.store.get(session["payment_intent"] or "")
    return intent is not None and intent["status"] == "requires_action"


def _success_url(session: Document) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _render_form(session: Document, refusal: str, typed: Mapping[str, str]) -> str:
    cards = "\n".join(
        f"          <li><code>{number}</code> {html.escape(card.description)}</li>" for number, card in CARDS.items()
    )
    values = {
        "session": session["id"],
        "amount": html.escape(_format_amount(session)),
        "email": html.escape(session["customer_email"] or "", quote=True),
        "cancel_url": html.escape(session["cancel_url"] or session["success_url"], quote=True),
        "message": f'<p class="refusal" role="alert">{html.escape(refusal)}</p>' if refusal else "",
    }
    address = _render_address(session, typed) if asks_for_address(session) else ""
    return _load("form.html").substitute(values, cards=cards, address=address)


def _render_address(session: Document, typed: Mapping[str, str]) -> str:
    """What was typed before stays on the page, so that a refused card costs no second typing."""
    names = ("name", "line1", "line2", "postal_code", "city", "state", "tax_id")
    values = {name: html.escape(typed.get(name, ""), quote=True) for name in names}
    tax_id = _load("tax_id.html").substitute(values) if session["tax_id_collection"]["enabled"] else ""
    countries = list_country_options(typed.get("country", ""))
    return _load("address.html").substitute(values | {"countries": countries, "tax_id": tax_id})


def _say(text: str, url: str | None, label: str) -> str:
    link = f'<p><a href="{html.escape(url, quote=True)}">{label}</a></p>' if url else ""
    return f'<p role="status">{html.escape(text)}</p>{link}'


def _headers(session: Document) -> dict[str, str]:
    # A form's redirect counts as the form's target: the shop's origin must be among them.
    shop = urlsplit(session["success_url"])
    policy = f"default-src 'none'; style-src 'self'; form-action 'self' {shop.scheme}://{shop.netloc}; base-uri 'none'"
    return {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy, "Cache-Control": "no-store"}


def _format_amount(session: Document) -> str:
    return format_money(session["amount_total"], session["currency"])


@cache
def _load(name: str) -> Template:
    return Template((_FOLDER / name).read_text(encoding="utf-8"))
