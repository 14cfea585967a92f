"""Puts the acting company on the request, and leads pages whose session has ended to the login."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

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


class EndedSessionMiddleware:
    """Leads a live page to the login, and back, once its part is refused to a stranger: somebody has logged out.

    htmx follows a redirect by itself and swaps in what it finds in the login page, which is nothing; and what it is
    refused it asks for again and again.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        page = HtmxDetails(request)
        if not page or request.user.is_authenticated or answer.status_code not in (302, 403, 404):
            return answer
        login = HttpResponseClientRedirect(redirect_to_login(page.current_url_abs_path or request.path).url)
        add_never_cache_headers(login)  # Back asks for the page itself at what may be the same address
        return login
