"""Near variants that were registered in the same moment are held and sold together, or not at all."""

import pytest

from marketplace.catalog.models import Track
from marketplace.errors import ConflictError
from marketplace.rights.index import store_fingerprint
from marketplace.rights.queries import owner_of
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import cancel_order, fulfil
from tests.payments.conftest import buy, company_of, state_of
from tests.rights.conftest import tune_fingerprint

pytestmark = pytest.mark.any_database


@pytest.fixture
def pair(make_track) -> list[Track]:
    tracks = [make_track(), make_track()]
    for track, vary in zip(tracks, ("", "1 note of 10 changed"), strict=True):
        store_fingerprint(track=track, fingerprint=tune_fingerprint(1, vary=vary))
    return tracks


def test_variant_cannot_go_to_the_checkout_beside_the_track(sandbox: Sandbox, buyer, rival, pair) -> None:
    order = buy(buyer, pair[0])
    with pytest.raises(ConflictError) as refusal:
        buy(rival, pair[1])
    assert refusal.value.code == "track_reserved"
    cancel_order(order=order, actor="buyer")
    assert buy(rival, pair[1]).state == "open"


def test_sale_of_one_is_the_sale_of_both(sandbox: Sandbox, buyer, rival, pair) -> None:
    order = buy(buyer, pair[1])
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="test")
    assert state_of(order) == "sold"
    pair[0].refresh_from_db()
    assert owner_of(pair[0].family) == company_of(buyer)
    with pytest.raises(ConflictError) as refusal:
        buy(rival, pair[0])
    assert refusal.value.code == "track_sold"


def test_late_payment_for_a_variant_that_joined_a_sold_family_is_refunded(sandbox: Sandbox, buyer, rival, make_track):
    """Its order still names the family that the track was in: nothing can be sold by that any more."""
    tracks = [make_track(), make_track()]
    late = buy(rival, tracks[0])
    assert cancel_order(order=late, actor="rival").state == "canceled"
    for track, vary in zip(tracks, ("", "transposed"), strict=True):
        store_fingerprint(track=track, fingerprint=tune_fingerprint(1, vary=vary))
    order = buy(buyer, tracks[1])
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="test")
    sandbox.pay(late.session_id, even_if_expired=True)
    fulfil(session_id=late.session_id, actor="test")
    assert [state_of(order), state_of(late)] == ["sold", "refunded"]
    assert Order.objects.filter(state="sold").count() == 1


def test_variant_of_a_sold_track_is_withdrawn_when_somebody_would_buy_it(sandbox: Sandbox, buyer, rival, make_track):
    sold, variant = make_track(), make_track()
    store_fingerprint(track=sold, fingerprint=tune_fingerprint(1))
    order = buy(buyer, sold)
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="test")
    store_fingerprint(track=variant, fingerprint=tune_fingerprint(1, vary="sections exchanged"))
    with pytest.raises(ConflictError) as refusal:
        buy(rival, variant)
    assert refusal.value.code == "near_duplicate"
    variant.refresh_from_db()
    assert variant.status == "withdrawn"
    assert Order.objects.count() == 1
