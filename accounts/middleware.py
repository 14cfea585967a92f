"""Puts the acting company on the request."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Company
from accounts.queries import company_of
from accounts.requests import PageRequest
from accounts.visitors import visitor_company_of


class CurrentCompanyMiddleware:
    """Sets `request.company`: the user's, an unregistered visitor's own, or None.

    A request without a session cookie costs no query. On API requests the token's company takes its place.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        acting = cast(PageRequest, request)
        acting.company = _find_company(request)
        return self.get_response(request)


def _find_company(request: HttpRequest) -> Company | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return company_of(request.user) if request.user.is_authenticated else visitor_company_of(request.session)
