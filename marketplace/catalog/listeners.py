"""Who listens to a preview, and the order of variants by which a leak of it can be traced to them."""

import hashlib
import secrets
from datetime import timedelta

from django.http import HttpRequest

from accounts.addresses import client_address
from accounts.limits import AttemptLimit
from accounts.models import Company
from marketplace.catalog.models import PreviewHearing, PreviewListener, Track
from marketplace.errors import TooManyRequestsError

_SESSION_KEY = "preview_listener"


LISTENERS = AttemptLimit(name="preview-listener", limit=120, period=timedelta(hours=1))
"""New listeners from one address: a script without cookies must not fill the table that leaks are traced in."""


def note_hearing(request: HttpRequest, *, track: Track, company: Company | None) -> PreviewHearing:
    """The row of this listener and this preview; made when they first ask for it."""
    listener = _find_listener(request, company=company)
    fresh = {"code": secrets.token_hex(32)}
    return PreviewHearing.objects.get_or_create(track=track, listener=listener, defaults=fresh)[0]


def _find_listener(request: HttpRequest, *, company: Company | None) -> PreviewListener:
    if company is not None:
        # two first requests at once: one makes the row, the other runs into its constraint and finds it
        return PreviewListener.objects.get_or_create(company=company)[0]
    known = PreviewListener.objects.filter(pk=request.session.get(_SESSION_KEY, 0), company=None).first()
    if known is None:
        if not LISTENERS.take(client_address(request)):
            raise TooManyRequestsError("Too many listeners without a session from your address. Try again in an hour.")
        known = PreviewListener.objects.create()
        request.session[_SESSION_KEY] = known.pk
    return known


def spell_choices(code: str, *, segments: int) -> list[bool]:
    """For each segment: the second variant? Fair coins drawn from the code, and no two codes agree for long."""
    stream = hashlib.shake_256(code.encode()).digest(-(-segments // 8))
    return [bool(stream[index // 8] >> index % 8 & 1) for index in range(segments)]
