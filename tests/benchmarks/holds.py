"""How long a buyer waits for the hold when two hundred ask at once: on one track, and on fifty.

    TEST_DATABASE_URL=postgresql://... python -m pytest -s tests/benchmarks/holds.py

Each buyer is a thread with a connection of its own, open before. The time runs from the moment in which all start
until the answer, so it is mostly waiting for the others: for the row lock on one track, for the processor on fifty.
Stripe is not asked.
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
from payments.locks import take_turn
from payments.models import Order
from payments.services.orders import _reserve
from tests.concurrency.conftest import race
from tests.payments.conftest import company_of

BUYERS = 200

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def hold(company: Company, user: User, track: Track, *, everybody: threading.Barrier) -> float:
    """Seconds to the answer, which is the hold or a refusal."""
    connection.ensure_connection()
    everybody.wait()
    started = time.perf_counter()
    with contextlib.suppress(ConflictError), take_turn(family_id=track.family_id):
        _reserve(company=company, user=user, track=track, actor="buyer")
    waited = time.perf_counter() - started
    everybody.wait()  # closing two hundred connections is no buyer's business
    return waited


@pytest.mark.parametrize("tracks", [1, 50])
def test_hold(make_user: Callable[..., User], make_track: Callable[..., Track], tracks: int) -> None:
    wanted = [make_track() for _ in range(tracks)]
    users = [make_user() for _ in range(BUYERS)]
    buyers = [(company_of(user), user, wanted[number % tracks]) for number, user in enumerate(users)]
    load = os.getloadavg()[0]
    everybody = threading.Barrier(BUYERS)
    answers = race([partial(hold, *buyer, everybody=everybody) for buyer in buyers])
    waits = [answer for answer in answers if isinstance(answer, float)]
    assert len(waits) == BUYERS
    assert Order.objects.count() == tracks
    cuts = statistics.quantiles(waits, n=20)
    print(
        f"\n{BUYERS} buyers, {tracks} tracks: median {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms, "
        f"at a load of {load:.1f} on {os.cpu_count()} cores"
    )
