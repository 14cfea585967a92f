"""The real services under random schedules: crashes, overtaking, faults, lost messages.

`make test` plays the same ten rounds each time. `make nightly` lets Hypothesis take 20,000 fresh steps
(ONETAKE_MARKET_STEPS).
"""

import os
from collections.abc import Callable
from random import SystemRandom

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from stripe._http_client import HTTPClient

from accounts.models import User
from marketplace.catalog.models import Track
from payments.models import Order
from payments.states import TRANSITIONS, State
from tests.payments.stateful.guards import GUARDS, Guard
from tests.payments.stateful.invariants import check_now, check_rest
from tests.payments.stateful.machine import Market, play_fixed
from tests.payments.stateful.world import World

pytestmark = [pytest.mark.any_database, pytest.mark.django_db]

FRESH_STEPS = int(os.environ.get("ONETAKE_MARKET_STEPS", "0"))
ROUNDS, STEPS_PER_ROUND = 10, 50
COUNT = sum(map(len, TRANSITIONS.values()))
REACHED = {State.OPEN, State.SOLD, State.EXPIRED, State.CANCELED, State.REFUND_DUE, State.REFUNDED, State.DISPUTED}


@pytest.fixture
def market(
    make_user: Callable[..., User], make_track: Callable[..., Track], monkeypatch: pytest.MonkeyPatch
) -> type[Market]:
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(HTTPClient, "MAX_DELAY", 0)

    class MarketOfThisTest(Market):
        @staticmethod
        def open_world(*, lag: int) -> World:
            return World(make_user=make_user, make_track=make_track, lag=lag)

    return MarketOfThisTest


def play_fresh(market: type[Market]) -> None:
    """Some five hundred steps that nobody has seen before."""
    number = SystemRandom().getrandbits(64)
    print(f"Seed {number}")
    run_state_machine_as_test(
        seed(number)(market),
        settings=settings(
            max_examples=ROUNDS,
            stateful_step_count=STEPS_PER_ROUND,
            phases=(Phase.generate,),  # shrinking takes minutes: to see a failure's shortest form, add Phase.shrink
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(0)
def test_no_schedule_breaks_an_invariant(market: type[Market]) -> None:
    if FRESH_STEPS:
        while market.steps < FRESH_STEPS:
            play_fresh(market)
    else:
        for number in range(ROUNDS):
            play_fixed(market(), number=number, steps=STEPS_PER_ROUND)
    print(f"{market.steps} steps; {len(market.transitions)} of {COUNT} transitions of the table:")
    print("\n".join(f"{count:6} {start} → {end}" for (start, end), count in market.transitions.most_common()))
    assert {end for _, end in market.transitions} >= REACHED


def follow(market: type[Market], guard: Guard, *, is_off: bool) -> None:
    """One schedule to its end, with all invariants after it and at rest."""
    world = market.open_world(lag=240)
    try:
        if is_off:
            guard.switch_off(world)
        guard.schedule(world)
        check_now(world)
        world.settle()
        check_rest(world)
    finally:
        world.close()


def test_refund_that_bounces_after_the_sale_ended_is_with_a_person(market: type[Market]) -> None:
    world = market.open_world(lag=240)
    try:
        for name, which in (("click", 0), ("pay", 9), ("come_back", 0), ("refund_in_dashboard", 0), ("sweep", 0)):
            world.perform(name, 0, which)
        assert Order.objects.get().state == State.REFUNDED_AFTER_SALE
        world.pass_time(4)
        world.perform("sweep", 0, 0)
        check_now(world)
        assert Order.objects.get().needs_person
        Order.objects.update(needs_person="")
        with pytest.raises(AssertionError, match="refunded-without-refund"):
            check_now(world)
    finally:
        world.close()


@pytest.mark.parametrize("name", GUARDS)
def test_invariants_notice_that_a_guard_is_off(market: type[Market], name: str) -> None:
    """On a schedule that reaches the case: chance finds most of them too, but not on every day."""
    follow(market, GUARDS[name], is_off=False)
    with pytest.raises(AssertionError, match=GUARDS[name].words):
        follow(market, GUARDS[name], is_off=True)
