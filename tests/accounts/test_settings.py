"""/accounts/settings/…"""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken
from accounts.services import issue_token

URL = "/accounts/settings/"


@pytest.fixture
def owner(make_user):
    return make_user("owner@example.com")


@pytest.fixture
def teammate(make_user, owner):
    return make_user("teammate@example.com", company=owner.memberships.get().company)


def test_anonymous_visitors_are_asked_to_log_in(client, db) -> None:
    assert client.get(URL).url == f"/accounts/login/?next={URL}"
    assert client.post(f"{URL}tokens/", {"name": "x"}).status_code == 302
    assert ApiToken.objects.count() == 0


def test_owner_renames_the_company(owner, client_for) -> None:
    assert client_for(owner).post(f"{URL}company/", {"company_name": " Harbour Ads "}).status_code == 302
    assert owner.memberships.get().company.name == "Harbour Ads"


def test_teammate_may_not_rename_the_company(owner, teammate, client_for) -> None:
    assert client_for(teammate).post(f"{URL}company/", {"company_name": "Mine now"}).status_code == 403
    assert owner.memberships.get().company.name == "Company of owner@example.com"


def test_empty_company_name_is_refused(owner, client_for) -> None:
    assert client_for(owner).post(f"{URL}company/", {"company_name": " "}).status_code == 400
    assert owner.memberships.get().company.name == "Company of owner@example.com"


def test_page_lists_the_members(owner, teammate, client_for) -> None:
    text = client_for(teammate).get(URL).content.decode()
    assert "owner@example.com" in text
    assert "teammate@example.com" in text


def test_token_is_shown_once_and_works(owner, client_for, client) -> None:
    browser = client_for(owner)
    response = browser.post(f"{URL}tokens/", {"name": "Mixer", "days": "30"})
    text = response.context["new_token"]
    assert text in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert text not in browser.get(URL).content.decode()
    token = ApiToken.objects.get()
    assert (token.name, token.user, token.hint) == ("Mixer", owner, text[:8])
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    assert client.get("/api/v1/tracks/", headers={"Authorization": f"Bearer {text}"}).status_code == 200


@pytest.mark.parametrize(
    "form", [{"name": ""}, {"name": "x", "days": "0"}, {"name": "x", "days": "ten"}, {"name": "x" * 81}]
)
def test_faulty_token_form_creates_none(owner, client_for, form) -> None:
    assert client_for(owner).post(f"{URL}tokens/", form).status_code == 400
    assert ApiToken.objects.count() == 0


def test_last_use_of_a_token_is_told_with_its_time_zone(owner, client_for, api_for) -> None:
    api_for(owner).get("/api/v1/tracks/")
    used = ApiToken.objects.get().last_used_at
    assert f"{used:%b %Y, %H:%M} UTC" in client_for(owner).get(URL).content.decode()


def test_revoked_token_is_refused_at_once(owner, client_for, api_for) -> None:
    program = api_for(owner)
    token = ApiToken.objects.get()
    assert client_for(owner).post(f"{URL}tokens/{token.pk}/revoke/").status_code == 302
    response = program.get("/api/v1/tracks/")
    assert (response.status_code, response.json()["code"]) == (401, "revoked_token")


def test_owner_sees_and_revokes_a_teammates_token(owner, teammate, client_for) -> None:
    token, _ = issue_token(user=teammate, company=teammate.memberships.get().company, name="theirs")
    assert list(client_for(owner).get(URL).context["tokens"]) == [token]
    client_for(owner).post(f"{URL}tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


@pytest.mark.parametrize("who", ["teammate", "outsider"])
def test_others_neither_see_nor_revoke_the_owners_token(owner, teammate, make_user, client_for, who: str) -> None:
    token, _ = issue_token(user=owner, company=owner.memberships.get().company, name="owner's")
    browser = client_for(teammate if who == "teammate" else make_user())
    assert list(browser.get(URL).context["tokens"]) == []
    assert browser.post(f"{URL}tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_account_without_a_company_is_told_so(make_user, client_for) -> None:
    user = make_user()
    user.memberships.all().delete()
    assert client_for(user).get(URL).status_code == 403
