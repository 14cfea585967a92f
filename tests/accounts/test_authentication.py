"""Authorization: Bearer TOKEN"""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ApiToken

URL = "/api/v1/tracks/"


@pytest.fixture
def program(make_user, api_for):
    return api_for(make_user("ada@example.com"))


def test_without_a_token_the_answer_says_how_to_send_one(client, db) -> None:
    response = client.get(URL)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="api"'
    assert response.json()["code"] == "not_authenticated"
    assert "Authorization: Bearer" in response.json()["message"]


def test_session_opens_no_api(make_user, client_for) -> None:
    assert client_for(make_user()).get(URL).status_code == 401


@pytest.mark.parametrize("text", ["", "ot_wrong", "ot_" + "x" * 5000, "\u00e9\u00e9", "a b c"])
def test_unknown_token_is_refused(client, db, text: str) -> None:
    response = client.get(URL, headers={"Authorization": f"Bearer {text}".encode().decode("latin-1")})
    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_expired_token_is_refused_with_the_day(program) -> None:
    moment = timezone.now() - timedelta(seconds=1)
    ApiToken.objects.update(expires_at=moment)
    response = program.get(URL)
    assert (response.status_code, response.json()["code"]) == (401, "expired_token")
    assert f"{moment:%Y-%m-%d}" in response.json()["message"]


def test_token_dies_with_its_users_membership(program) -> None:
    ApiToken.objects.get().user.memberships.all().delete()
    assert program.get(URL).status_code == 401


def test_token_dies_with_its_users_account(program) -> None:
    user = ApiToken.objects.get().user
    user.is_active = False
    user.save()
    assert program.get(URL).status_code == 401


def test_token_is_stored_as_a_digest_only(program) -> None:
    text = program._credentials["HTTP_AUTHORIZATION"].split()[1]
    token = ApiToken.objects.get()
    assert text not in [str(value) for value in vars(token).values()]
    assert len(token.digest) == 64


def test_use_is_noted_to_the_minute(program) -> None:
    program.get(URL)
    first = ApiToken.objects.get().last_used_at
    program.get(URL)
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    program.get(URL)
    assert ApiToken.objects.get().last_used_at > first - timedelta(minutes=2)
