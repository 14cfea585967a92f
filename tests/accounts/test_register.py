"""/accounts/register/"""

import pytest
from django.test import Client

from accounts.models import Company, Membership, User
from accounts.services import create_visitor_company
from accounts.visitors import remember_visitor_company
from tests.conftest import PASSWORD

URL = "/accounts/register/"
FORM = {"company_name": "Harbour Ads", "email": "Ada@Example.com", "password": PASSWORD}


def visit(client: Client) -> Company:
    """Gives the client what a visitor has after making a track."""
    company = create_visitor_company()
    session = client.session
    remember_visitor_company(session, company)
    session.save()
    return company


@pytest.mark.django_db
def test_registering_makes_a_company_and_logs_its_owner_in(client: Client) -> None:
    response = client.post(URL, FORM)
    assert response.status_code == 302
    assert response.url == "/library/"
    membership = Membership.objects.get()
    assert (membership.user.email, membership.company.name, membership.role) == (
        "ada@example.com",
        "Harbour Ads",
        "owner",
    )
    assert client.session["_auth_user_id"] == str(membership.user.pk)


@pytest.mark.django_db
def test_visitors_company_becomes_the_new_users_own(client: Client) -> None:
    company = visit(client)
    client.post(URL, FORM)
    company.refresh_from_db()
    assert (company.name, company.is_claimed) == ("Harbour Ads", True)
    assert Membership.objects.get().company == company
    assert Company.objects.count() == 1
    assert "visitor_company" not in client.session


@pytest.mark.django_db
def test_visitors_company_is_claimed_by_the_first_to_register_only() -> None:
    first, second = Client(), Client()
    company = visit(first)
    session = second.session
    remember_visitor_company(session, company)
    session.save()
    first.post(URL, FORM)
    second.post(URL, FORM | {"email": "eve@example.com", "company_name": "Eve"})
    assert Membership.objects.get(user__email="ada@example.com").company == company
    assert Membership.objects.get(user__email="eve@example.com").company != company


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "ada", "Enter a valid email address."),
        ("email", "", "This field is required."),
        ("password", "short", "too short"),
        ("password", "1234567890123", "entirely numeric"),
        ("company_name", "   ", "This field is required."),
        ("company_name", "x" * 121, "at most 120 characters"),
        ("company_name", "a\0b", "Null characters are not allowed."),
    ],
)
def test_bad_field_is_named_and_nobody_is_registered(client: Client, field: str, value: str, message: str) -> None:
    response = client.post(URL, FORM | {field: value})
    assert response.status_code == 400
    assert message in " ".join(response.context["form"].errors[field])
    assert User.objects.count() == Company.objects.count() == 0


@pytest.mark.django_db
def test_known_address_is_refused_in_any_case_and_no_company_is_left_behind(client: Client) -> None:
    client.post(URL, FORM)
    response = Client().post(URL, FORM | {"email": "ADA@example.com"})
    assert response.status_code == 400
    assert "already an account" in response.context["form"].errors["email"][0]
    assert User.objects.count() == Company.objects.count() == 1


@pytest.mark.django_db
def test_person_returns_to_where_they_were_heading(client: Client) -> None:
    assert client.post(URL, FORM | {"next": "/tracks/"}).url == "/tracks/"


@pytest.mark.django_db
def test_nobody_is_sent_to_another_site(client: Client) -> None:
    assert client.post(URL, FORM | {"next": "https://evil.example/"}).url == "/library/"


@pytest.mark.django_db
def test_thirty_registrations_an_hour_from_one_address_are_enough(client: Client) -> None:
    for number in range(30):
        assert Client().post(URL, FORM | {"email": f"{number}@example.com"}).status_code == 302
    assert Client().post(URL, FORM).status_code == 429
    assert User.objects.count() == 30


@pytest.mark.django_db
def test_someone_logged_in_is_not_asked_to_register(make_user, client_for) -> None:
    assert client_for(make_user()).get(URL).url == "/library/"
