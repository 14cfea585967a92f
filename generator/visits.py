"""A visitor's one track before registering, limited by address, kept by the session."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.addresses import client_address
from accounts.limits import AttemptLimit
from accounts.requests import PageRequest
from accounts.services import create_visitor_company
from accounts.visitors import remember_visitor_company
from generator.models import GenerationJob
from generator.services import read_brief, request_generation
from marketplace.errors import TooManyRequestsError

_PERIOD = timedelta(hours=1)


def request_visitor_generation(request: PageRequest, *, brief: Mapping[str, Any]) -> GenerationJob:
    """Like `request_generation`, for somebody without an account. Makes them a company only with their first job."""
    read_brief(brief)  # a brief that is refused costs no attempt
    limit = AttemptLimit(name="visitor-track", limit=settings.VISITOR_TRACKS_PER_ADDRESS_PER_HOUR, period=_PERIOD)
    address = client_address(request)
    if not limit.take(address):
        message = (
            "Enough tracks were made from your address for now. Register to make more at once, or come back later."
        )
        raise TooManyRequestsError(message, code="visitor_limit", extra={"retry_after": int(_PERIOD.total_seconds())})
    try:
        with transaction.atomic():
            company = request.company or create_visitor_company()
            job = request_generation(company=company, user=None, brief=brief)
    except BaseException:
        limit.give_back(address)
        raise
    remember_visitor_company(request.session, company)
    return job
