"""Programs show a bearer token (RFC 6750)."""

from typing import cast

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from accounts.models import ApiToken, Company, User
from accounts.queries import find_live_token
from accounts.requests import PageRequest
from accounts.services import note_token_use


class BearerTokenAuthentication(BaseAuthentication):
    """Sets `request.user`, `request.auth` (the token) and `request.company` (the token's)."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        token = _read_token(request._request)
        if token is None:
            return None
        cast(PageRequest, request._request).company = token.company
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def require_token(request: Request) -> ApiToken:
    """The token of an API request: whom it acts for, and as whom."""
    if not isinstance(request.auth, ApiToken):
        raise NotAuthenticated
    return request.auth


def identify_company(request: PageRequest) -> Company | None:
    """Whom a page request acts for where programs are welcome too: the token's company, else the session's."""
    token = _read_token(request)
    return token.company if token else request.company


def _read_token(request: HttpRequest) -> ApiToken | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = find_live_token(text.strip())
    note_token_use(token)
    return token
