"""request.company, on pages."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.middleware import CurrentCompanyMiddleware
from accounts.models import Company
from accounts.services import create_visitor_company
from accounts.visitors import remember_visitor_company


def company_on_request(*, user: object = None, session: SessionStore | None = None) -> Company | None:
    request = RequestFactory().get("/")
    request.COOKIES["sessionid"] = "anything"
    request.user, request.session = user or AnonymousUser(), session or SessionStore()
    seen: list[HttpRequest] = []
    CurrentCompanyMiddleware(lambda each: seen.append(each) or HttpResponse())(request)
    return seen[0].company


def test_member_acts_for_the_company(make_user) -> None:
    user = make_user()
    assert company_on_request(user=user) == user.memberships.get().company


@pytest.mark.django_db
def test_visitor_acts_for_the_company_of_the_session() -> None:
    session, company = SessionStore(), create_visitor_company()
    remember_visitor_company(session, company)
    assert company_on_request(session=session) == company


@pytest.mark.django_db
def test_claimed_company_is_no_longer_a_visitors() -> None:
    session, company = SessionStore(), create_visitor_company()
    remember_visitor_company(session, company)
    Company.objects.update(is_claimed=True)
    assert company_on_request(session=session) is None


@pytest.mark.django_db
def test_stranger_acts_for_nobody() -> None:
    assert company_on_request() is None


@pytest.mark.django_db
def test_request_without_a_session_costs_no_query(client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/accounts/login/")
    assert answer.status_code == 200
