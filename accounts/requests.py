"""Requests as our middleware leaves them, for annotations."""

from django.http import HttpRequest

from accounts.models import Company, User


class PageRequest(HttpRequest):
    """`CurrentCompanyMiddleware` has put the acting company on it."""

    company: Company | None


class MemberRequest(PageRequest):
    """What a view behind `login_required` gets."""

    user: User
