"""Near variants at the same moment: registered as one family or not at all, and never both at the checkout.

Each guard has its twin: with it off, the harm is done, so the race is real.
"""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from accounts.models import Company, User
from marketplace.catalog.models import Track, TrackFamily
from marketplace.errors import ConflictError
from marketplace.rights import originality
from marketplace.rights.audit import audit_register
from marketplace.rights.index import store_fingerprint
from marketplace.rights.models import OwnershipEntry
from marketplace.rights.services import NewFile, assign_copyright_id, register_track
from payments.locks import Turn
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import orders, place_order
from tests.concurrency.conftest import race
from tests.rights.conftest import tune_fingerprint

pytestmark = [pytest.mark.any_database, pytest.mark.django_db(transaction=True)]

VARIANTS = ("", "transposed", "1 note of 20 changed", "sections exchanged")


@pytest.fixture
def companies(db: None) -> list[Company]:
    return [Company.objects.create(name=f"Company {number}") for number in range(len(VARIANTS))]


@pytest.fixture
def registrations(companies: list[Company], tmp_path: Path) -> list[Callable[..., Track]]:
    """One company each registers one variant of one melody."""
    path = tmp_path / "track.wav"
    path.write_bytes(b"RIFF" + bytes(40))
    facts: dict[str, Any] = {
        "title": "Quiet Harbour", "style": "pop", "mood": "calm", "key": "C major", "metre": "4/4", "tempo": 96.0,
        "seconds": 30.0, "instruments": ["piano"], "seed": 7, "recipe": {}, "peaks": [],
    }  # fmt: skip
    return [
        partial(
            register_track,
            copyright_id=assign_copyright_id(reference=f"job {number}"),
            fingerprint=tune_fingerprint(1, vary=vary),
            files=[NewFile(name="track.wav", path=path, content_type="audio/wav")],
            **facts,
        )
        for number, vary in enumerate(VARIANTS)
    ]


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """All look for near variants before anybody has registered: those looks help nobody.

    On PostgreSQL that is also so for the look inside the transaction. SQLite's write lock comes with the transaction.
    """
    look = originality.choose_families
    everybody = threading.Barrier(len(VARIANTS))
    looks = threading.local()
    together = 2 if connection.vendor == "postgresql" else 1

    def look_together(**what: Any) -> list[int]:
        found = look(**what)
        looks.count = getattr(looks, "count", 0) + 1
        if looks.count <= together:
            everybody.wait()
        return found

    monkeypatch.setattr("marketplace.rights.services.choose_families", look_together)


def answers_of(answers: list[Any]) -> Counter[str]:
    return Counter(answer.code if isinstance(answer, ConflictError) else type(answer).__name__ for answer in answers)


def test_of_four_companies_that_register_one_melody_at_once_one_does(blind, companies, registrations) -> None:
    answers = race([partial(act, company=company) for act, company in zip(registrations, companies, strict=True)])
    assert answers_of(answers) == {"Track": 1, "near_duplicate": 3}
    assert (Track.objects.count(), TrackFamily.objects.count(), OwnershipEntry.objects.count()) == (1, 1, 1)
    assert audit_register() == []


def test_four_variants_of_one_company_at_once_become_one_family(blind, companies, registrations) -> None:
    answers = race([partial(act, company=companies[0]) for act in registrations])
    assert answers_of(answers) == {"Track": 4}
    assert len({track.family_id for track in Track.objects.all()}) == 1
    assert audit_register() == []


@pytest.mark.postgres
def test_without_the_last_look_all_four_are_registered(blind, companies, registrations, monkeypatch) -> None:
    """The twin. PostgreSQL only: within SQLite's write lock the first look is the last one."""
    monkeypatch.setattr("marketplace.rights.services.refuse_late_neighbours", lambda _track, *, fingerprint: None)
    answers = race([partial(act, company=company) for act, company in zip(registrations, companies, strict=True)])
    assert answers_of(answers) == {"Track": 4}
    assert len({track.family_id for track in Track.objects.all()}) == 4


@pytest.fixture
def pair(make_track: Callable[..., Track]) -> list[Track]:
    """Near variants in two families, as if the guard at registration had failed."""
    tracks = [make_track(), make_track()]
    for track, vary in zip(tracks, ("", "1 note of 10 changed"), strict=True):
        store_fingerprint(track=track, fingerprint=tune_fingerprint(1, vary=vary))
    return tracks


def buy_both(pair: list[Track], people: list[User]) -> list[Any]:
    companies = [user.memberships.select_related("company").get().company for user in people]
    return race(
        [
            partial(place_order, company=company, user=user, track=track)
            for company, user, track in zip(companies, people, pair, strict=True)
        ]
    )


def test_two_near_variants_are_never_both_at_the_checkout(sandbox: Sandbox, buyer, rival, pair) -> None:
    answers = buy_both(pair, [buyer, rival])
    assert answers_of(answers) == {"Order": 1, "track_reserved": 1}
    assert Order.objects.filter(state__in=Order.HOLDING).count() == 1
    assert len(sandbox.list_kind("checkout.session")) == 1
    assert len({track.family_id for track in Track.objects.all()}) == 1


def test_without_the_last_look_before_a_sale_both_would_be(sandbox, buyer, rival, pair, monkeypatch) -> None:
    """The twin."""
    monkeypatch.setattr("payments.services.orders.settle_near_variants", lambda *, track: track)
    assert answers_of(buy_both(pair, [buyer, rival])) == {"Order": 2}
    assert Order.objects.filter(state__in=Order.HOLDING).count() == 2


def test_constraint_alone_keeps_a_family_to_one_hold_when_variants_race(
    sandbox, buyer, rival, pair, monkeypatch
) -> None:
    """One family, and nobody's lock: both read it free, both write, the database takes one."""
    originality.settle_near_variants(track=pair[0])
    everybody, choose_price = threading.Barrier(2), orders._choose_price

    def choose_together(track: Track, currency: str) -> tuple[str, int]:
        everybody.wait()
        return choose_price(track, currency)

    monkeypatch.setattr(orders, "lock_family", lambda *, family_id: TrackFamily.objects.get(pk=family_id))
    monkeypatch.setattr(orders, "take_turn", lambda *, family_id: contextlib.nullcontext(Turn(family_id)))
    monkeypatch.setattr(orders, "_choose_price", choose_together)
    if connection.vendor == "sqlite":  # IMMEDIATE transactions are SQLite's lock: one reader at a time gets here
        monkeypatch.setattr("payments.services.orders.transaction", SimpleNamespace(atomic=contextlib.nullcontext))
    fresh = list(Track.objects.select_related("family").order_by("created_at"))
    assert answers_of(buy_both(fresh, [buyer, rival])) == {"Order": 1, "track_reserved": 1}
