"""Orders over the API: owner, teammate, outsider, stranger; and what is no order."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from marketplace.catalog.models import Track
from payments.models import Order
from payments.sandbox.server import Sandbox
from payments.services import fulfil
from tests.payments.conftest import CREATE, EVERY_TRY, buy, company_of

ORDERS = "/api/v1/orders/"
ApiFor = Callable[[User], APIClient]


def post(client: APIClient, track: object) -> Any:
    return client.post(ORDERS, {"track": str(track)}, format="json")


def test_order_is_placed_with_a_checkout(sandbox: Sandbox, buyer: User, track: Track, api_for: ApiFor) -> None:
    response = post(api_for(buyer), track.pk)
    order = Order.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(order.pk),
        "status": "open",
        "track": str(track.pk),
        "price": {"amount": 24_900, "net": 24_900, "tax": 0, "currency": "eur"},
        "checkout_url": f"{sandbox.url}/c/pay/{order.session_id}",
        "expires_at": order.expires_at.isoformat().replace("+00:00", "Z"),
        "invoices": [],
        "created_at": order.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_same_order_is_answered_again(sandbox: Sandbox, buyer: User, track: Track, api_for: ApiFor) -> None:
    client = api_for(buyer)
    assert post(client, track.pk).json() == post(client, track.pk).json()
    assert Order.objects.count() == 1


def test_order_becomes_sold(order: Order, sandbox: Sandbox, buyer: User, api_for: ApiFor) -> None:
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    answer = api_for(buyer).get(f"{ORDERS}{order.pk}/").json()
    assert (answer["status"], answer["checkout_url"]) == ("sold", None)


def test_reserved_track_is_409_with_the_time_to_try_again(
    order: Order, rival: User, track: Track, api_for: ApiFor
) -> None:
    response = post(api_for(rival), track.pk)
    assert response.status_code == 409
    answer = response.json()
    assert answer["code"] == "track_reserved"
    assert answer["retry_at"].endswith("Z")
    assert answer["retry_at"] > order.expires_at.isoformat()[:19]
    assert Order.objects.count() == 1


def test_sold_track_is_409(order: Order, sandbox: Sandbox, rival: User, track: Track, api_for: ApiFor) -> None:
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    response = post(api_for(rival), track.pk)
    assert (response.status_code, response.json()["code"]) == (409, "track_sold")
    assert Order.objects.count() == 1


def test_silent_stripe_is_503_and_keeps_the_order(sandbox: Sandbox, buyer: User, track: Track, api_for: ApiFor) -> None:
    sandbox.faults.answer(*CREATE, status=500, times=EVERY_TRY)
    response = post(api_for(buyer), track.pk)
    assert (response.status_code, response.json()["code"]) == (503, "payment_unavailable")
    assert Order.objects.get().state == Order.State.CREATED


def test_unknown_track_and_another_companys_draft_are_404(
    sandbox: Sandbox, buyer: User, rival: User, make_track: Callable[..., Track], api_for: ApiFor
) -> None:
    draft = make_track(company=company_of(rival), draft=True)
    for track in (uuid.uuid4(), draft.pk):
        assert post(api_for(buyer), track).status_code == 404
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{}", "invalid"),
        ('{"track": "nonsense"}', "invalid"),
        ('{"track": null}', "invalid"),
        ('{"track": ["x"]}', "invalid"),
        ("[]", "invalid"),
        ("track=1", "invalid_json"),
        ("", "invalid"),
    ],
)
def test_body_that_names_no_track_is_400(sandbox: Sandbox, buyer: User, api_for: ApiFor, body: str, code: str) -> None:
    response = api_for(buyer).post(ORDERS, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, code)
    assert not Order.objects.exists()


def test_request_without_a_token_is_401(track: Track) -> None:
    response = post(APIClient(), track.pk)
    assert response.status_code == 401
    assert "Bearer" in response.headers["WWW-Authenticate"]
    assert not Order.objects.exists()


def test_teammate_sees_the_order_and_an_outsider_does_not(
    order: Order, buyer: User, rival: User, make_user: Callable[..., User], api_for: ApiFor
) -> None:
    teammate = make_user(company=company_of(buyer))
    address = f"{ORDERS}{order.pk}/"
    assert api_for(teammate).get(address).json()["id"] == str(order.pk)
    assert api_for(rival).get(address).status_code == 404
    assert APIClient().get(address).status_code == 401


def test_list_holds_the_companys_orders_newest_first(
    order: Order, buyer: User, rival: User, make_track: Callable[..., Track], api_for: ApiFor
) -> None:
    second = buy(buyer, make_track())
    ids = [row["id"] for row in api_for(buyer).get(ORDERS).json()["results"]]
    assert ids == [str(second.pk), str(order.pk)]
    assert api_for(rival).get(ORDERS).json()["results"] == []
