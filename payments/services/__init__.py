"""Writes of payments. Views, API, tasks and admin call these."""

from payments.services.disputes import settle_disputes
from payments.services.events import process_event, store_event
from payments.services.fulfilment import fulfil
from payments.services.orders import cancel_order, place_order
from payments.services.reconciliation import look_for_returns, reconcile
from payments.services.refunds import retry_refund, send_refund
from payments.services.returns import dismiss_person, request_refund, settle_returns

__all__ = [
    "cancel_order",
    "dismiss_person",
    "fulfil",
    "look_for_returns",
    "place_order",
    "process_event",
    "reconcile",
    "request_refund",
    "retry_refund",
    "send_refund",
    "settle_disputes",
    "settle_returns",
    "store_event",
]
