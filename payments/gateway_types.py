"""What the services ask of a payment provider, in plain frozen records and two errors.

`GatewayUnavailableError` is transient: nobody knows whether Stripe acted, so the caller keeps its state and asks again
with the same idempotency key. `GatewayRefusedError` is Stripe's answer: it did not act.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from marketplace.errors import UnavailableError


class GatewayUnavailableError(UnavailableError):
    """Stripe did not answer, or not with sense. Transient."""

    default_code = "payment_unavailable"


class GatewayRefusedError(Exception):
    """Stripe refused the request and did nothing. Permanent for these parameters."""

    def __init__(self, message: str, *, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class Outcome(Enum):
    """What a Checkout Session says about the money."""

    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class TaxId:
    type: str
    """Stripe's name of the kind: 'eu_vat', 'gb_vat', 'us_ein', …"""
    value: str


@dataclass(frozen=True, kw_only=True)
class TypedAddress:
    """Whom the invoice goes to, as the buyer typed it at the checkout. What was left empty is ''."""

    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    state: str
    country: str
    """ISO 3166-1 alpha-2."""
    tax_ids: tuple[TaxId, ...]


@dataclass(frozen=True, kw_only=True)
class CheckoutSession:
    id: str
    url: str
    outcome: Outcome
    amount: int
    """What the buyer pays in all, in minor units."""
    subtotal: int
    """The same before the tax that Stripe adds."""
    tax_percent: Decimal
    """Stripe's own tax, all rates together; zero where it adds none."""
    is_reverse_charge: bool
    currency: str
    livemode: bool
    client_reference_id: str
    payment_intent_id: str
    metadata: Mapping[str, str]
    typed: TypedAddress | None
    """None where the checkout did not ask for an address, or has not been completed."""


@dataclass(frozen=True, kw_only=True)
class RefundRecord:
    id: str
    payment_intent_id: str
    status: str
    """'pending', 'requires_action', 'succeeded', 'failed' or 'canceled'."""
    amount: int
    currency: str
    failure_reason: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class DisputeRecord:
    id: str
    payment_intent_id: str
    status: str
    """'needs_response', 'under_review', 'won', 'lost', 'prevented', or an inquiry's 'warning_…': no money moved yet."""
    reason: str
    amount: int
    currency: str
    evidence_due_by: datetime | None
    submissions: int
    """How often evidence went to the bank: by us or in the dashboard. Stripe takes it once."""


@dataclass(frozen=True, kw_only=True)
class SignedEvent:
    """A webhook body whose signature was good."""

    id: str
    type: str
    livemode: bool
    payload: dict[str, Any]


class UntrustedEventError(Exception):
    """A webhook that Stripe did not sign, or not lately, or that is no event. The message says which."""


class PaymentGateway(Protocol):
    livemode: bool

    def create_session(self, *, parameters: Mapping[str, Any], idempotency_key: str) -> CheckoutSession: ...
    def retrieve_session(self, *, session_id: str) -> CheckoutSession: ...
    def expire_session(self, *, session_id: str) -> None: ...
    def find_session(self, *, client_reference_id: str, created_after: datetime) -> CheckoutSession | None: ...
    def list_refunds(self, *, payment_intent_id: str) -> list[RefundRecord]: ...
    def list_disputes(self, *, payment_intent_id: str) -> list[DisputeRecord]: ...
    def list_recent_sessions(self, *, created_after: datetime) -> list[CheckoutSession]: ...
    def list_recent_refunds(self, *, created_after: datetime) -> list[RefundRecord]: ...
    def list_recent_disputes(self, *, created_after: datetime) -> list[DisputeRecord]: ...
    def retrieve_dispute(self, *, dispute_id: str) -> DisputeRecord: ...
    def upload_evidence(self, *, name: str, content: bytes, idempotency_key: str) -> str: ...
    def stage_evidence(self, *, dispute_id: str, evidence: Mapping[str, str]) -> DisputeRecord: ...
    def submit_evidence(
        self, *, dispute_id: str, evidence: Mapping[str, str], idempotency_key: str
    ) -> DisputeRecord: ...
    def create_refund(
        self, *, payment_intent_id: str, amount: int, metadata: Mapping[str, str], idempotency_key: str
    ) -> RefundRecord: ...
