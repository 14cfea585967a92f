"""Parts of live pages, asked for after somebody logged out in another tab."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
ID = "7caeb2ac-b120-400e-bc85-4ad9b1e1ca37"


def ask(client: Client, path: str, *, page: str):
    return client.get(path, headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"})


@pytest.mark.parametrize(
    ("path", "page"),
    [
        (f"/orders/{ID}/?paid&shown=open", f"/orders/{ID}/?paid"),
        (f"/jobs/{ID}/", f"/jobs/{ID}/"),
        (f"/tracks/{ID}/?shown=writing", f"/tracks/{ID}/"),
    ],
)
def test_stranger_is_led_to_the_login_and_back_to_the_page(client, path: str, page: str) -> None:
    response = ask(client, path, page=page)
    assert (response.status_code, response.content) == (200, b"")
    assert response["HX-Redirect"] == f"/accounts/login/?next={page.replace('?', '%3F')}"
    assert "no-store" in response["Cache-Control"]


def test_who_is_logged_in_and_finds_nothing_stays(client_for, make_user) -> None:
    assert ask(client_for(make_user()), f"/jobs/{ID}/", page=f"/jobs/{ID}/").status_code == 404


def test_page_of_another_site_is_not_led_back_to(client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/orders/"}
    response = client.get(f"/jobs/{ID}/", headers=headers)
    assert response["HX-Redirect"] == f"/accounts/login/?next=/jobs/{ID}/"


def test_whole_page_is_refused_as_ever(client) -> None:
    assert client.get(f"/orders/{ID}/").status_code == 302
    assert client.get(f"/jobs/{ID}/").status_code == 404
