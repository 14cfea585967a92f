"""Two companies that hold the same offer accept it in the same moment: one of them gets the track."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.models import Company, User
from marketplace.catalog.models import Track, TrackFamily
from marketplace.errors import ConflictError
from marketplace.rights import assignments
from marketplace.rights.assignments import accept_offer, offer_address, offer_assignment
from marketplace.rights.audit import audit_register
from marketplace.rights.models import Certificate, OwnershipEntry
from marketplace.rights.queries import owner_of
from marketplace.rights.services import transfer_ownership
from tests.concurrency.conftest import race

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

CROWD = 6


@pytest.fixture
def offered(settings: Any, make_user: Callable[..., User], make_track: Callable[..., Track]) -> SimpleNamespace:
    settings.OWNERS_MAY_ASSIGN = True
    owner, track = make_user(), make_track()
    company = owner.memberships.get().company
    transfer_ownership(track=track, owner=company, reference="order 1")
    offer = offer_assignment(
        track_id=track.pk, company=company, user=owner, recipient="next@example.com", deed="deed 1"
    )
    takers = [make_user() for _ in range(CROWD)]
    return SimpleNamespace(track=track, token=offer_address(offer).split("/")[-2], takers=takers)


def company_of(user: User) -> Company:
    return user.memberships.select_related("company").get().company


def accept_at_once(offered: SimpleNamespace) -> list[Any]:
    return race(
        [partial(accept_offer, token=offered.token, company=company_of(user), user=user) for user in offered.takers]
    )


def test_one_of_six_gets_the_track_and_the_register_has_one_more_line(offered) -> None:
    answers = accept_at_once(offered)
    refused = [answer for answer in answers if isinstance(answer, ConflictError)]
    (entry,) = [answer for answer in answers if isinstance(answer, OwnershipEntry)]
    assert {answer.code for answer in refused} == {"offer_closed"}
    assert len(refused) == CROWD - 1
    assert owner_of(offered.track.family) == entry.owner
    assert OwnershipEntry.objects.filter(kind="transfer").count() == 2
    assert Certificate.objects.count() == 2
    assert audit_register() == []


@pytest.mark.postgres
def test_without_the_lock_it_is_passed_on_more_than_once(offered, monkeypatch) -> None:
    """The twin. PostgreSQL only: on SQLite the write lock comes with the transaction."""
    import threading

    everybody = threading.Barrier(CROWD)
    check = assignments._lock_open

    def check_together(offer: Any) -> None:
        monkeypatch.setattr(
            assignments, "lock_family", lambda *, family_id: TrackFamily.objects.get(pk=family_id), raising=True
        )
        check(offer)
        everybody.wait()

    monkeypatch.setattr(assignments, "_lock_open", check_together)
    accept_at_once(offered)
    assert OwnershipEntry.objects.filter(kind="transfer").count() > 2
