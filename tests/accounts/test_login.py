"""/accounts/login/ and /accounts/logout/"""

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import Company
from accounts.services import create_visitor_company
from accounts.visitors import remember_visitor_company
from tests.conftest import PASSWORD

URL = "/accounts/login/"


def log_in(client: Client, email: str, password: str = PASSWORD, **extra: str):
    return client.post(URL, {"username": email, "password": password, **extra})


def test_right_password_opens_the_library(client, make_user) -> None:
    user = make_user("ada@example.com")
    response = log_in(client, "Ada@Example.COM")
    assert (response.status_code, response.url) == (302, "/library/")
    assert client.session["_auth_user_id"] == str(user.pk)


@pytest.mark.parametrize(("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_wrong_password_and_unknown_address_read_alike(client, make_user, email: str, password: str) -> None:
    make_user("ada@example.com")
    response = log_in(client, email, password)
    assert response.status_code == 400
    assert "Please enter a correct e-mail address and password" in response.context["form"].errors["__all__"][0]
    assert "_auth_user_id" not in client.session


def test_eleventh_wrong_password_is_refused_and_then_even_the_right_one(client, make_user) -> None:
    make_user("ada@example.com")
    for _ in range(10):
        assert log_in(client, "ada@example.com", "wrong").status_code == 400
    assert log_in(client, "ada@example.com").status_code == 429
    assert "_auth_user_id" not in client.session


def test_guessing_at_one_account_leaves_the_others_alone(client, make_user) -> None:
    make_user("ada@example.com")
    make_user("ben@example.com")
    for _ in range(11):
        log_in(client, "ada@example.com", "wrong")
    assert log_in(client, "ben@example.com").status_code == 302


def test_guessing_at_many_accounts_from_one_address_is_stopped(client, make_user) -> None:
    make_user("ada@example.com")
    for number in range(50):
        assert log_in(client, f"{number}@example.com", "wrong").status_code == 400
    assert log_in(client, "ada@example.com").status_code == 429


def test_guessing_at_the_administration_is_stopped_alike(client, make_user) -> None:
    make_user("admin@example.com", is_staff=True)
    form = {"username": "admin@example.com", "next": "/admin/"}
    for _ in range(10):
        client.post("/admin/login/", form | {"password": "wrong"})
    assert "Too many failed attempts" in client.post("/admin/login/", form | {"password": PASSWORD}).content.decode()
    assert "_auth_user_id" not in client.session


def test_customer_does_not_get_into_the_administration(client, make_user) -> None:
    make_user("ada@example.com")
    client.post("/admin/login/", {"username": "ada@example.com", "password": PASSWORD})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("email", ["x" * 5000, "a b\nc", "\u00e9@\u00e9", ""])
def test_whatever_is_typed_as_an_address_is_refused_calmly(client, db, email: str) -> None:
    assert log_in(client, email).status_code == 400


def test_right_passwords_never_use_up_the_attempts(make_user) -> None:
    make_user("ada@example.com")
    assert {log_in(Client(), "ada@example.com").status_code for _ in range(12)} == {302}


def test_what_a_visitor_made_joins_the_company_that_they_log_in_to(client, make_user, make_track) -> None:
    user = make_user("ada@example.com")
    visitor_company = create_visitor_company()
    track = make_track(company=visitor_company, draft=True)
    session = client.session
    remember_visitor_company(session, visitor_company)
    session.save()
    log_in(client, "ada@example.com")
    track.refresh_from_db()
    assert track.company == user.memberships.get().company
    assert "visitor_company" not in client.session


def fail_to_move(**companies: Company) -> None:
    raise OperationalError("deadlock detected")


def test_visitor_whose_work_could_not_be_moved_still_has_it_and_logs_in_again(make_user, make_track, settings) -> None:
    user, visitor_company = make_user("ada@example.com"), create_visitor_company()
    track = make_track(company=visitor_company, draft=True)
    client = Client(raise_request_exception=False)
    session = client.session
    remember_visitor_company(session, visitor_company)
    session.save()
    movers, settings.ACCOUNTS_COMPANY_MERGERS = settings.ACCOUNTS_COMPANY_MERGERS, [f"{__name__}.fail_to_move"]
    assert log_in(client, "ada@example.com").status_code == 500
    assert client.get(f"/tracks/{track.pk}/").status_code == 200
    settings.ACCOUNTS_COMPANY_MERGERS = movers
    assert log_in(client, "ada@example.com").status_code == 302
    track.refresh_from_db()
    assert track.company == user.memberships.get().company


def test_claimed_company_is_never_emptied_by_a_stale_session(client, make_user, make_track) -> None:
    make_user("ada@example.com")
    claimed = Company.objects.create(name="Claimed meanwhile")
    track = make_track(company=claimed, draft=True)
    session = client.session
    remember_visitor_company(session, claimed)
    session.save()
    log_in(client, "ada@example.com")
    track.refresh_from_db()
    assert track.company == claimed


def test_person_returns_to_where_they_were_heading(client, make_user) -> None:
    make_user("ada@example.com")
    assert log_in(client, "ada@example.com", next="/tracks/").url == "/tracks/"


def test_logging_out_ends_the_session(make_user, client_for) -> None:
    client = client_for(make_user())
    assert client.post("/accounts/logout/").url == "/"
    assert "_auth_user_id" not in client.session
