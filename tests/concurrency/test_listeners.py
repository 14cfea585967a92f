"""A company's first requests for a preview come together: it is one listener, with one order of variants."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import RequestFactory

from accounts.models import User
from marketplace.catalog import listeners
from marketplace.catalog.listeners import note_hearing
from marketplace.catalog.models import PreviewHearing, PreviewListener, Track
from tests.concurrency.conftest import race

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

CROWD = 8


def listen_at_once(track: Track, user: User) -> list[object]:
    company, request = user.memberships.get().company, RequestFactory().get("/")
    return race([partial(note_hearing, request, track=track, company=company) for _ in range(CROWD)])


def test_a_company_that_asks_eight_times_at_once_is_one_listener(
    make_user: Callable[..., User], make_track: Callable[..., Track]
) -> None:
    answers = listen_at_once(make_track(), make_user())
    assert PreviewListener.objects.count() == PreviewHearing.objects.count() == 1
    assert answers == [PreviewHearing.objects.get()] * CROWD


@pytest.mark.postgres
def test_by_looking_first_and_creating_then_one_of_them_would_be_refused(
    make_user: Callable[..., User], make_track: Callable[..., Track], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the race is there. PostgreSQL only: on SQLite writers wait for one another."""
    import threading

    everybody = threading.Barrier(CROWD)

    def look_then_create(request: object, *, company: object) -> PreviewListener:
        known = PreviewListener.objects.filter(company=company).first()
        everybody.wait()
        return known or PreviewListener.objects.create(company=company)

    monkeypatch.setattr(listeners, "_find_listener", look_then_create)
    answers = listen_at_once(make_track(), make_user())
    assert PreviewListener.objects.count() == 1  # by the constraint, which the others ran into
    assert sum(type(answer).__name__ == "IntegrityError" for answer in answers) == CROWD - 1
