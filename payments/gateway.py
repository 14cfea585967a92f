"""The one door to Stripe: `payments.gateway_types` in terms of the `stripe` library, and nothing else imports that."""

import functools
import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, cast

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from stripe import RequestOptions
from stripe.params import DisputeUpdateParams
from stripe.params.checkout import SessionCreateParams

from payments.checks import list_faults
from payments.gateway_types import (
    CheckoutSession,
    DisputeRecord,
    GatewayRefusedError,
    GatewayUnavailableError,
    Outcome,
    PaymentGateway,
    RefundRecord,
    SignedEvent,
    TaxId,
    TypedAddress,
    UntrustedEventError,
)

logger = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
"""The version whose fields this module reads. Raise it together with the library, and run the sandbox's tests."""

MAX_NETWORK_RETRIES = 2
_EXPANDED = ["payment_intent", "total_details.breakdown"]
_ADDRESS = ("line1", "line2", "postal_code", "city", "state", "country")
SIGNATURE_TOLERANCE_SECONDS = 300


class StripeGateway:
    """`api_base` empty means Stripe itself; the local sandbox gives its own address."""

    def __init__(self, *, api_key: str, api_base: str = "", timeout: float = 10) -> None:
        self.livemode = api_key.startswith(("sk_live_", "rk_live_"))
        self._client = stripe.StripeClient(
            api_key,
            stripe_version=API_VERSION,
            max_network_retries=MAX_NETWORK_RETRIES,
            base_addresses={"api": api_base, "files": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=timeout),
        )

    def create_session(self, *, parameters: Mapping[str, Any], idempotency_key: str) -> CheckoutSession:
        with _map_errors():
            return _read_session(
                self._client.v1.checkout.sessions.create(
                    cast("SessionCreateParams", dict(parameters)), {"idempotency_key": idempotency_key}
                )
            )

    def retrieve_session(self, *, session_id: str) -> CheckoutSession:
        with _map_errors():
            # The intent tells a delayed payment that is still on its way from one that the bank has refused.
            return _read_session(self._client.v1.checkout.sessions.retrieve(session_id, {"expand": _EXPANDED}))

    def expire_session(self, *, session_id: str) -> None:
        with _map_errors():
            self._client.v1.checkout.sessions.expire(session_id)

    def find_session(self, *, client_reference_id: str, created_after: datetime) -> CheckoutSession | None:
        with _map_errors():
            sessions = self._list_sessions(created_after)
            found = (one for one in sessions if one.client_reference_id == client_reference_id)
            session = next(found, None)
            return _read_session(session) if session else None

    def list_recent_sessions(self, *, created_after: datetime) -> list[CheckoutSession]:
        with _map_errors():
            return [_read_session(session) for session in self._list_sessions(created_after)]

    def _list_sessions(self, created_after: datetime) -> Iterator[stripe.checkout.Session]:
        page = self._client.v1.checkout.sessions.list(
            {
                "created": {"gte": int(created_after.timestamp())},
                "limit": 100,
                "expand": [f"data.{path}" for path in _EXPANDED],
            }
        )
        return page.auto_paging_iter()

    def list_refunds(self, *, payment_intent_id: str) -> list[RefundRecord]:
        with _map_errors():
            page = self._client.v1.refunds.list({"payment_intent": payment_intent_id, "limit": 100})
            return [_read_refund(refund) for refund in page.auto_paging_iter()]

    def list_disputes(self, *, payment_intent_id: str) -> list[DisputeRecord]:
        with _map_errors():
            page = self._client.v1.disputes.list({"payment_intent": payment_intent_id, "limit": 100})
            return [_read_dispute(dispute) for dispute in page.auto_paging_iter()]

    def list_recent_refunds(self, *, created_after: datetime) -> list[RefundRecord]:
        with _map_errors():
            page = self._client.v1.refunds.list({"created": {"gte": int(created_after.timestamp())}, "limit": 100})
            return [_read_refund(refund) for refund in page.auto_paging_iter()]

    def list_recent_disputes(self, *, created_after: datetime) -> list[DisputeRecord]:
        with _map_errors():
            page = self._client.v1.disputes.list({"created": {"gte": int(created_after.timestamp())}, "limit": 100})
            return [_read_dispute(dispute) for dispute in page.auto_paging_iter()]

    def retrieve_dispute(self, *, dispute_id: str) -> DisputeRecord:
        with _map_errors():
            return _read_dispute(self._client.v1.disputes.retrieve(dispute_id))

    def upload_evidence(self, *, name: str, content: bytes, idempotency_key: str) -> str:
        """The file's id at Stripe, by which a dispute names it."""
        file = BytesIO(content)
        file.name = name
        with _map_errors():
            options: RequestOptions = {"idempotency_key": idempotency_key}
            return self._client.v1.files.create({"file": file, "purpose": "dispute_evidence"}, options).id

    def stage_evidence(self, *, dispute_id: str, evidence: Mapping[str, str]) -> DisputeRecord:
        """The bank does not see it yet. Repeated, it only writes the same once more."""
        with _map_errors():
            parameters = cast("DisputeUpdateParams", {"evidence": dict(evidence), "submit": False})
            return _read_dispute(self._client.v1.disputes.update(dispute_id, parameters))

    def submit_evidence(self, *, dispute_id: str, evidence: Mapping[str, str], idempotency_key: str) -> DisputeRecord:
        """It goes to the bank, which decides on it: this is final."""
        with _map_errors():
            parameters = cast("DisputeUpdateParams", {"evidence": dict(evidence), "submit": True})
            options: RequestOptions = {"idempotency_key": idempotency_key}
            return _read_dispute(self._client.v1.disputes.update(dispute_id, parameters, options))

    def create_refund(
        self, *, payment_intent_id: str, amount: int, metadata: Mapping[str, str], idempotency_key: str
    ) -> RefundRecord:
        with _map_errors():
            return _read_refund(
                self._client.v1.refunds.create(
                    {"payment_intent": payment_intent_id, "amount": amount, "metadata": dict(metadata)},
                    {"idempotency_key": idempotency_key},
                )
            )


def get_gateway() -> PaymentGateway:
    """The gateway that the settings describe; unsafe settings are refused here too, not only by `check`."""
    faults = list_faults()
    if faults:
        raise ImproperlyConfigured(" ".join(fault.msg for fault in faults))
    return _make_gateway(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, settings.STRIPE_TIMEOUT_SECONDS)


@functools.lru_cache(maxsize=8)
def _make_gateway(api_key: str, api_base: str, timeout: float) -> StripeGateway:
    return StripeGateway(api_key=api_key, api_base=api_base, timeout=timeout)


@contextmanager
def _map_errors() -> Iterator[None]:
    try:
        yield
    except stripe.InvalidRequestError as error:
        raise GatewayRefusedError(error.user_message or str(error), code=error.code or "") from error
    except stripe.StripeError as error:
        # A wrong key or a clash of idempotency keys too: none of them proves that Stripe never acted.
        logger.error("Stripe call failed: %s: %s", type(error).__name__, error.user_message or error)
        raise GatewayUnavailableError(
            "Stripe does not answer right now. Nothing was lost: try again in a minute."
        ) from error


def _read_session(session: stripe.checkout.Session) -> CheckoutSession:
    taxes = _list_taxes(session)
    return CheckoutSession(
        id=session.id,
        url=session.url or "",
        outcome=_read_outcome(session),
        amount=session.amount_total or 0,
        subtotal=session.amount_subtotal or 0,
        tax_percent=sum((Decimal(str(tax.rate.percentage)) for tax in taxes if tax.amount), Decimal(0)),
        is_reverse_charge=any(tax.taxability_reason == "reverse_charge" for tax in taxes),
        currency=(session.currency or "").lower(),
        livemode=session.livemode,
        client_reference_id=session.client_reference_id or "",
        payment_intent_id=_read_id(session.payment_intent),
        metadata=dict(session.metadata.to_dict()) if session.metadata else {},
        typed=_read_address(session),
    )


def _read_address(session: stripe.checkout.Session) -> TypedAddress | None:
    customer = session.customer_details
    address = customer.address if customer else None
    if customer is None or address is None or not address.country:
        return None
    return TypedAddress(
        name=getattr(customer, "business_name", None) or customer.name or "",
        **{name: getattr(address, name) or "" for name in _ADDRESS},
        tax_ids=tuple(TaxId(type=each.type, value=each.value) for each in customer.tax_ids or [] if each.value),
    )


def _list_taxes(session: stripe.checkout.Session) -> list[Any]:
    """Stripe Tax's, where its breakdown was asked for."""
    breakdown = getattr(session.total_details, "breakdown", None)
    return list(breakdown.taxes) if breakdown else []


def _read_outcome(session: stripe.checkout.Session) -> Outcome:
    if session.payment_status == "paid":
        return Outcome.PAID
    if session.status != "complete":
        return Outcome.EXPIRED if session.status == "expired" else Outcome.OPEN
    intent = session.payment_intent
    refused = isinstance(intent, stripe.PaymentIntent) and intent.status in ("requires_payment_method", "canceled")
    return Outcome.FAILED if refused else Outcome.PROCESSING


def _read_refund(refund: stripe.Refund) -> RefundRecord:
    return RefundRecord(
        id=refund.id,
        payment_intent_id=_read_id(refund.payment_intent),
        status=refund.status or "pending",
        amount=refund.amount,
        currency=refund.currency,
        failure_reason=getattr(refund, "failure_reason", None) or "",
        metadata=dict(refund.metadata.to_dict()) if refund.metadata else {},
    )


def _read_dispute(dispute: stripe.Dispute) -> DisputeRecord:
    due_by = dispute.evidence_details.due_by
    return DisputeRecord(
        id=dispute.id,
        payment_intent_id=_read_id(dispute.payment_intent),
        status=dispute.status,
        reason=dispute.reason,
        amount=dispute.amount,
        currency=dispute.currency,
        evidence_due_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        submissions=dispute.evidence_details.submission_count,
    )


def _read_id(reference: str | stripe.PaymentIntent | None) -> str:
    """Of an object that Stripe gives by its id, or whole where that was asked for."""
    return reference if isinstance(reference, str) else reference.id if reference else ""


def read_event(*, body: bytes, signature: str, secrets: Sequence[str]) -> SignedEvent:
    """The event in a webhook's raw body, if one of the secrets signed it within the last five minutes."""
    if not signature.isascii():
        raise UntrustedEventError("the signature is not ASCII")  # the library would fail with a TypeError
    if not any(_is_signed(body, signature, secret) for secret in secrets):
        raise UntrustedEventError("no secret of ours signed this body within the tolerance")
    return _read_event(body)


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, SIGNATURE_TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
    # The library accepts any time in the future, so a stolen signature could be dated to last for ever.
    signed_at = int(next(part[2:] for part in signature.split(",") if part.startswith("t=")))
    return signed_at - time.time() <= SIGNATURE_TOLERANCE_SECONDS


def _read_event(body: bytes) -> SignedEvent:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UntrustedEventError("the body is not JSON") from error
    if not isinstance(payload, dict) or not isinstance(payload.get("data"), dict):
        raise UntrustedEventError("the body is not an event")
    event_id, kind, livemode = payload.get("id"), payload.get("type"), payload.get("livemode")
    if not isinstance(event_id, str) or not isinstance(kind, str) or not isinstance(livemode, bool):
        raise UntrustedEventError("the body is not an event")
    if not isinstance(payload["data"].get("object"), dict) or b"\\u0000" in body:  # which PostgreSQL cannot store
        raise UntrustedEventError("the body is not an event")
    if len(event_id) > 255 or len(kind) > 120:
        raise UntrustedEventError("the event's id or type is too long")
    return SignedEvent(id=event_id, type=kind, livemode=livemode, payload=payload)
