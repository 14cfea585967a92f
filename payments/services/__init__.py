"""Writes of payments. Views, API, tasks and admin call these."""

from payments.services.deadlines import remind_of_deadlines
from payments.services.disputes import settle_disputes
from payments.services.events import process_event, store_event
from payments.services.evidence import settle_evidence, stage_evidence, submit_evidence
from payments.services.fulfilment import fulfil
from payments.services.letters import send_letters
from payments.services.orders import cancel_order, place_order
from payments.services.persons import dismiss_person
from payments.services.reconciliation import look_for_returns, reconcile
from payments.services.refunds import retry_refund, send_refund
from payments.services.returns import request_refund, settle_returns

__all__ = [
    "cancel_order",
    "dismiss_person",
    "fulfil",
    "look_for_returns",
    "place_order",
    "process_event",
    "reconcile",
    "remind_of_deadlines",
    "request_refund",
    "retry_refund",
    "send_letters",
    "send_refund",
    "settle_disputes",
    "settle_evidence",
    "settle_returns",
    "stage_evidence",
    "store_event",
    "submit_evidence",
]
