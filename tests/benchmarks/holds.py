"""How long a buyer waits for the hold when two hundred ask at once: on one track, and on fifty.

    TEST_DATABASE_URL=postgresql://... python -m pytest -s tests/benchmarks/holds.py

Each buyer is a thread with a connection of its own, open before. The time runs from the moment in which all start
until the answer, which is the hold or a refusal: all that happens before Stripe is asked, the search for near variants
of a track with a fingerprint included. So it is mostly waiting for the others: all two hundred share one interpreter.

A process that has held nothing yet first loads its URLs, and a connection that has asked nothing yet makes the server
read its catalogue. The process is woken by one hold before; the connections are measured both fresh and used.
"""

import contextlib
import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection

from accounts.models import Company, User
from marketplace.catalog.models import Track
from marketplace.errors import ConflictError
from marketplace.rights.index import store_fingerprint
from payments.models import Order
from payments.queries import find_holder
from payments.services.orders import hold_track
from tests.concurrency.conftest import race
from tests.payments.conftest import company_of
from tests.rights.conftest import tune_fingerprint

BUYERS = 200

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def hold(company: Company, user: User, track: Track, *, everybody: threading.Barrier, is_used: bool) -> float:
    """Seconds to the answer."""
    connection.ensure_connection()
    if is_used:
        find_holder(family_id=track.family_id)
    everybody.wait()
    started = time.perf_counter()
    with contextlib.suppress(ConflictError):
        hold_track(company=company, user=user, track=track, actor="buyer")
    waited = time.perf_counter() - started
    everybody.wait()  # closing two hundred connections is no buyer's business
    return waited


@pytest.mark.parametrize("is_used", [False, True], ids=["fresh", "used"])
@pytest.mark.parametrize("tracks", [1, 50])
def test_hold(make_user: Callable[..., User], make_track: Callable[..., Track], tracks: int, is_used: bool) -> None:
    wanted = [make_track() for _ in range(tracks + 1)]
    for number, track in enumerate(wanted):
        store_fingerprint(track=track, fingerprint=tune_fingerprint(number))
    users = [make_user() for _ in range(BUYERS)]
    buyers = [(company_of(user), user, wanted[number % tracks]) for number, user in enumerate(users)]
    hold_track(company=buyers[0][0], user=users[0], track=wanted[-1], actor="buyer")
    load = os.getloadavg()[0]
    spent: list[float] = []
    everybody = threading.Barrier(BUYERS, action=lambda: spent.append(time.process_time()))
    answers = race([partial(hold, *buyer, everybody=everybody, is_used=is_used) for buyer in buyers])
    waits = [answer for answer in answers if isinstance(answer, float)]
    assert len(waits) == BUYERS
    assert Order.objects.count() == tracks + 1
    cuts = statistics.quantiles(waits, n=20)
    print(
        f"\n{BUYERS} buyers, {tracks} tracks, {'used' if is_used else 'fresh'} connections: "
        f"median {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms; the process spent "
        f"{(spent[1] - spent[0]) * 1000:.0f} ms, at a load of {load:.1f} on {os.cpu_count()} cores"
    )
