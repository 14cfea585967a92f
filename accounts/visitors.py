"""The company of someone who has not registered yet. Their session is all that ties them to it."""

from uuid import UUID

from django.contrib.sessions.backends.base import SessionBase

from accounts.models import Company

_SESSION_KEY = "visitor_company"


def visitor_company_of(session: SessionBase) -> Company | None:
    """The unclaimed company of this session; None once somebody has registered with it."""
    key = session.get(_SESSION_KEY)
    return Company.objects.filter(pk=UUID(key), is_claimed=False).first() if key else None


def remember_visitor_company(session: SessionBase, company: Company) -> None:
    session[_SESSION_KEY] = str(company.pk)


def forget_visitor_company(session: SessionBase) -> None:
    session.pop(_SESSION_KEY, None)
