"""Who listens to a preview, and the order of variants by which a leak of it can be traced to them."""

import hashlib
import secrets
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts.addresses import client_address
from accounts.limits import AttemptLimit
from accounts.models import Company
from marketplace.catalog.models import PreviewHearing, PreviewListener, Track
from marketplace.errors import TooManyRequestsError

COOKIE = "listener"
_KEPT = timedelta(days=365)

LISTENERS = AttemptLimit(name="preview-listener", limit=120, period=timedelta(hours=1))
"""New listeners from one address: a script without cookies must not fill the table that leaks are traced in."""

Answer = TypeVar("Answer", bound=HttpResponseBase)


def read_visit(request: HttpRequest) -> str:
    """What the visitor's cookie says; drawn anew for a browser that has none."""
    known = request.get_signed_cookie(COOKIE, default=None)
    return known or secrets.token_hex(16)


def keep_visit(answer: Answer, visit: str) -> Answer:
    """Hands the visitor their cookie. Pages with a player do so before the first preview is asked for, so that a
    browser's first requests are one listener's, however many come at once. Nothing is stored until somebody listens."""
    answer.set_signed_cookie(
        COOKIE, visit, max_age=_KEPT, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
    )
    return answer


def note_hearing(request: HttpRequest, *, track: Track, company: Company | None, visit: str) -> PreviewHearing:
    """The row of this listener and this preview; made when they first ask for it."""
    listener = _find_listener(request, company=company, visit=visit)
    fresh = {"code": secrets.token_hex(32)}
    return PreviewHearing.objects.get_or_create(track=track, listener=listener, defaults=fresh)[0]


def _find_listener(request: HttpRequest, *, company: Company | None, visit: str) -> PreviewListener:
    # two first requests at once: one makes the row, the other runs into its constraint and finds it
    if company is not None:
        return PreviewListener.objects.get_or_create(company=company)[0]
    digest = hashlib.sha256(visit.encode()).hexdigest()
    known = PreviewListener.objects.filter(visit=digest).first()
    if known is None:
        if not LISTENERS.take(client_address(request)):
            raise TooManyRequestsError("Too many new listeners from your address. Try again in an hour.")
        known, _ = PreviewListener.objects.get_or_create(visit=digest)
    return known


def spell_choices(code: str, *, segments: int) -> list[bool]:
    """For each segment: the second variant? Fair coins drawn from the code, and no two codes agree for long."""
    stream = hashlib.shake_256(code.encode()).digest(-(-segments // 8))
    return [bool(stream[index // 8] >> index % 8 & 1) for index in range(segments)]
