"""Writes of payments. Views, API, tasks and admin call these."""

from payments.services.events import process_event, store_event
from payments.services.fulfilment import fulfil
from payments.services.orders import cancel_order, place_order
from payments.services.reconciliation import reconcile
from payments.services.refunds import send_refund

__all__ = ["cancel_order", "fulfil", "place_order", "process_event", "reconcile", "send_refund", "store_event"]
