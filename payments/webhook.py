"""Where Stripe's events arrive: verify, store, answer. A worker acts on them, and the reconciler on what it missed."""

import logging

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from payments.gateway import read_event
from payments.gateway_types import UntrustedEventError
from payments.services import store_event
from payments.tasks import process_event

logger = logging.getLogger(__name__)

LARGEST_BODY = 64 * 1024


@csrf_exempt
@require_POST
def receive_event(request: HttpRequest) -> HttpResponse:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return HttpResponse(
            f"The body must have at most {LARGEST_BODY} bytes.\n", status=413, content_type="text/plain"
        )
    try:
        signed = read_event(
            body=request.body,
            signature=request.headers.get("Stripe-Signature", ""),
            secrets=settings.STRIPE_WEBHOOK_SECRETS,
        )
    except UntrustedEventError as error:
        logger.warning("Webhook refused: %s", error)
        return HttpResponse(f"Not accepted: {error}.\n", status=400, content_type="text/plain")
    event, _ = store_event(event=signed)
    if event.processed_at is None:
        # Robust: with the broker down the event is stored all the same, and the reconciler finds it.
        transaction.on_commit(lambda: process_event.delay(event.pk), robust=True)
    return HttpResponse(status=200)
