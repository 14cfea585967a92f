"""/accounts/password/…"""

import re

from django.core import mail
from django.test import Client

from tests.conftest import PASSWORD

URL = "/accounts/password/reset/"
ANOTHER = "another battery staple"


def test_link_in_the_mail_sets_another_password(client, make_user) -> None:
    user = make_user("ada@example.com")
    assert client.post(URL, {"email": "ada@example.com"}).url == "/accounts/password/reset/sent/"
    (letter,) = mail.outbox
    assert letter.to == ["ada@example.com"]
    link = re.search(r"http://testserver(/\S+)", letter.body)[1]
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], {"new_password1": ANOTHER, "new_password2": ANOTHER})
    user.refresh_from_db()
    assert user.check_password(ANOTHER)
    assert "This link has expired" in Client().get(link).content.decode()


def test_unknown_address_gets_the_same_answer_and_no_mail(client, db) -> None:
    assert client.post(URL, {"email": "nobody@example.com"}).url == "/accounts/password/reset/sent/"
    assert mail.outbox == []


def test_mail_server_that_says_nothing_keeps_nobody(client, make_user, silent_mail_server) -> None:
    make_user("ada@example.com")
    assert client.post(URL, {"email": "ada@example.com"}).url == "/accounts/password/reset/sent/"


def test_eleventh_request_within_an_hour_is_refused(client, make_user) -> None:
    make_user("ada@example.com")
    for _ in range(10):
        client.post(URL, {"email": "ada@example.com"})
    assert client.post(URL, {"email": "ada@example.com"}).status_code == 429
    assert len(mail.outbox) == 10


def test_password_is_changed_only_with_the_old_one(make_user, client_for) -> None:
    user = make_user()
    client = client_for(user)
    form = {"old_password": "wrong", "new_password1": ANOTHER, "new_password2": ANOTHER}
    client.post("/accounts/password/", form)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert client.post("/accounts/password/", form | {"old_password": PASSWORD}).url == "/accounts/settings/"
    user.refresh_from_db()
    assert user.check_password(ANOTHER)
