"""First requests for a preview come together: a company or a browser is one listener, with one order of variants."""

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client, RequestFactory

from accounts.models import User
from marketplace.catalog import listeners
from marketplace.catalog.listeners import COOKIE, note_hearing
from marketplace.catalog.models import PreviewHearing, PreviewListener, Track
from tests.concurrency.conftest import race

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

CROWD = 8
VISIT = "0123456789abcdef"


def listen_at_once(track: Track, user: User | None = None) -> list[object]:
    company, request = user and user.memberships.get().company, RequestFactory().get("/")
    return race([partial(note_hearing, request, track=track, company=company, visit=VISIT) for _ in range(CROWD)])


def test_a_company_that_asks_eight_times_at_once_is_one_listener(
    make_user: Callable[..., User], make_track: Callable[..., Track]
) -> None:
    answers = listen_at_once(make_track(), make_user())
    assert PreviewListener.objects.count() == PreviewHearing.objects.count() == 1
    assert answers == [PreviewHearing.objects.get()] * CROWD


def test_a_visitors_browser_that_asks_eight_times_at_once_is_one_listener(make_track: Callable[..., Track]) -> None:
    answers = listen_at_once(make_track())
    assert PreviewListener.objects.count() == PreviewHearing.objects.count() == 1
    assert answers == [PreviewHearing.objects.get()] * CROWD


@pytest.mark.parametrize("page", ["/", "/tracks/", "/tracks/{track.pk}/"])
def test_a_visitor_who_opened_a_page_is_one_listener_however_many_first_requests_come_at_once(
    make_track: Callable[..., Track], page: str
) -> None:
    """Each request from a client of its own that knows no more than the page's cookie, as a browser's players do."""
    track, browser = make_track(), Client()
    track.files.filter(is_preview=True).update(variant_storage_name=preview_name(track), layout={"bytes": [0]})
    browser.get(page.format(track=track))
    cookie = browser.cookies[COOKIE].value
    etags = race([partial(ask, track, cookie=cookie) for _ in range(CROWD)])
    assert PreviewListener.objects.count() == PreviewHearing.objects.count() == 1
    assert len(set(etags)) == 1


def preview_name(track: Track) -> str:
    return track.files.get(is_preview=True).storage_name


def ask(track: Track, *, cookie: str) -> str:
    player = Client()
    player.cookies[COOKIE] = cookie
    return player.get(f"/tracks/{track.pk}/preview.mp3")["ETag"]


@pytest.mark.postgres
@pytest.mark.parametrize("known", ["company", "visit"])
def test_by_looking_first_and_creating_then_one_of_them_would_be_refused(
    make_user: Callable[..., User], make_track: Callable[..., Track], monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    """The twin: the race is there. PostgreSQL only: on SQLite writers wait for one another."""
    everybody = threading.Barrier(CROWD)

    def look_then_create(request: object, *, company: object, visit: str) -> PreviewListener:
        who = {"company": company} if company else {"visit": visit}
        found = PreviewListener.objects.filter(**who).first()
        everybody.wait()
        return found or PreviewListener.objects.create(**who)

    monkeypatch.setattr(listeners, "_find_listener", look_then_create)
    answers = listen_at_once(make_track(), make_user() if known == "company" else None)
    assert PreviewListener.objects.count() == 1  # by the constraint, which the others ran into
    assert sum(type(answer).__name__ == "IntegrityError" for answer in answers) == CROWD - 1


@pytest.mark.postgres
def test_without_the_pages_cookie_each_first_request_would_be_a_listener_of_its_own(
    make_track: Callable[..., Track],
) -> None:
    """The other twin: what the page's cookie is for."""
    track = make_track()
    track.files.filter(is_preview=True).update(variant_storage_name=preview_name(track), layout={"bytes": [0]})
    race([lambda: Client().get(f"/tracks/{track.pk}/preview.mp3").status_code for _ in range(CROWD)])
    assert PreviewListener.objects.count() == CROWD
