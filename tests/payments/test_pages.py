"""Buying in a browser."""

import re
import uuid
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from marketplace.catalog.models import Track
from payments.models import Order
from payments.queries import retry_time
from payments.sandbox.server import Sandbox
from payments.services import fulfil
from tests.payments.conftest import CREATE, EVERY_TRY, EXPIRE, RETRIEVE, company_of, state_of

ClientFor = Callable[[User], Client]


def press_buy(client: Client, track: Track) -> HttpResponse:
    return client.post(reverse("payments:buy", args=[track.pk]))


def open_page(client: Client, order: Order) -> str:
    response = client.get(reverse("payments:order", args=[order.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_buy_leads_to_stripes_page(sandbox: Sandbox, buyer: User, track: Track, client_for: ClientFor) -> None:
    response = press_buy(client_for(buyer), track)
    assert response.status_code == 302
    assert response.url == Order.objects.get().checkout_url


def test_buy_asks_a_stranger_to_log_in_and_come_back_to_the_track(sandbox: Sandbox, track: Track) -> None:
    response = press_buy(Client(), track)
    page = reverse("catalog:detail", args=[track.pk])
    assert (response.status_code, response.url) == (302, f"{reverse('accounts:login')}?next={page}")
    assert not Order.objects.exists()


def test_buy_is_a_post_with_a_csrf_token(sandbox: Sandbox, buyer: User, track: Track) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(buyer)
    assert client.get(reverse("payments:buy", args=[track.pk])).status_code == 405
    assert client.post(reverse("payments:buy", args=[track.pk])).status_code == 403
    assert not Order.objects.exists()


def test_second_buyer_sees_when_to_try_again(order: Order, rival: User, track: Track, client_for: ClientFor) -> None:
    response = press_buy(client_for(rival), track)
    assert response.status_code == 409
    assert "Try again at" in response.content.decode()


def test_track_page_and_refusal_name_the_same_minute_to_try_again(
    order: Order, rival: User, track: Track, client_for: ClientFor
) -> None:
    client, soonest = client_for(rival), retry_time(held_until=order.expires_at)
    page = client.get(reverse("catalog:detail", args=[track.pk])).content.decode()
    assert f">{soonest:%H:%M} UTC</time>" in page
    assert "js/countdown" in page
    assert f"Try again at {soonest:%H:%M} UTC" in press_buy(client, track).content.decode()
    assert soonest >= order.expires_at


def test_second_buyer_sees_that_the_track_is_sold(
    order: Order, sandbox: Sandbox, rival: User, track: Track, client_for: ClientFor
) -> None:
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    response = press_buy(client_for(rival), track)
    assert response.status_code == 409
    assert "This track is sold" in response.content.decode()


def test_silent_stripe_shows_a_page_with_the_remedy(
    sandbox: Sandbox, buyer: User, track: Track, client_for: ClientFor
) -> None:
    sandbox.faults.answer(*CREATE, status=500, times=EVERY_TRY)
    response = press_buy(client_for(buyer), track)
    assert response.status_code == 503
    assert "again in a minute" in response.content.decode()


def test_order_page_shows_the_time_left_and_the_way_on(order: Order, buyer: User, client_for: ClientFor) -> None:
    page = open_page(client_for(buyer), order)
    assert f"{order.expires_at:%H:%M} UTC" in page
    assert "Continue to payment" in page
    assert "€249.00" in page


def test_page_that_shows_the_state_already_is_left_as_it_is(
    order: Order, sandbox: Sandbox, buyer: User, client_for: ClientFor
) -> None:
    client, address = client_for(buyer), reverse("payments:order", args=[order.pk])
    assert 'hx-trigger="every 20s"' in open_page(client, order)
    assert client.get(address, {"shown": "open"}).status_code == 204
    sandbox.pay(order.session_id)
    fulfil(session_id=order.session_id, actor="webhook")
    changed = client.get(address, {"shown": "open"}).content.decode()
    assert "Yours alone" in changed
    assert "hx-get" not in changed.split("<main")[1]


def test_order_is_shown_to_its_company_alone(
    order: Order, buyer: User, rival: User, make_user: Callable[..., User], client_for: ClientFor
) -> None:
    teammate = make_user(company=company_of(buyer))
    assert order.track.title in open_page(client_for(teammate), order)
    for name in ("payments:order", "payments:return"):
        assert client_for(rival).get(reverse(name, args=[order.pk])).status_code == 404
        assert Client().get(reverse(name, args=[order.pk])).status_code == 302
        assert client_for(buyer).get(reverse(name, args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("created", "Try the payment again"),
        ("open", "Continue to payment"),
        ("processing", "The payment is on its way"),
        ("expiring", "Canceling"),
        ("expired", "The reservation has ended"),
        ("canceled", "Canceled"),
        ("failed", "The bank refused the payment"),
        ("sold", "Yours alone"),
        ("refund_due", "You get your money back"),
        ("refund_pending", "You get your money back"),
        ("refunded", "Refunded"),
        ("refund_failed", "Your refund needs a hand"),
        ("refunded_after_sale", "The sale was undone"),
        ("disputed", "Your bank disputes the payment"),
        ("dispute_lost", "The sale was undone"),
    ],
)
def test_every_state_has_its_words_and_a_heading_that_is_said_when_it_comes(
    order: Order, buyer: User, client_for: ClientFor, state: str, words: str
) -> None:
    from payments.models import Refund

    Order.objects.filter(pk=order.pk).update(state=state)
    if state.startswith("refund_") or state == "refunded":
        Refund.objects.create(order=order, amount=24_900, currency="eur", reason="The track was sold first.")
    page = open_page(client_for(buyer), order)
    assert words in page
    panel = page.split('<section class="panel">')[1].split("</section>")[0]
    assert re.findall("<h2[^>]*>", panel) == ["<h2 data-announce>"]


def test_return_while_stripe_is_silent_says_that_nothing_is_lost(
    order: Order, sandbox: Sandbox, buyer: User, client_for: ClientFor
) -> None:
    sandbox.pay(order.session_id)
    sandbox.faults.answer(*RETRIEVE, status=500, times=EVERY_TRY)
    response = client_for(buyer).get(reverse("payments:return", args=[order.pk]), follow=True)
    page = response.content.decode()
    assert "Nothing is lost" in page
    assert "Confirming your payment" in page
    assert state_of(order) == Order.State.OPEN


def test_cancel_button_frees_the_track(order: Order, buyer: User, client_for: ClientFor) -> None:
    response = client_for(buyer).post(reverse("payments:cancel", args=[order.pk]), follow=True)
    assert "the track is free again" in response.content.decode()
    assert state_of(order) == Order.State.CANCELED


def test_cancel_while_stripe_is_silent_goes_on_by_itself(
    order: Order, sandbox: Sandbox, buyer: User, client_for: ClientFor
) -> None:
    sandbox.faults.lose_request(*EXPIRE, times=EVERY_TRY)
    response = client_for(buyer).post(reverse("payments:cancel", args=[order.pk]), follow=True)
    assert "We keep on canceling" in response.content.decode()
    assert state_of(order) == Order.State.EXPIRING


def test_cancel_before_stripe_has_answered_says_to_try_again(
    sandbox: Sandbox, buyer: User, track: Track, client_for: ClientFor
) -> None:
    sandbox.faults.answer(*CREATE, status=500, times=2 * EVERY_TRY)
    client = client_for(buyer)
    press_buy(client, track)
    order = Order.objects.get()
    response = client.post(reverse("payments:cancel", args=[order.pk]), follow=True)
    assert "Try to cancel again" in response.content.decode()
    client.post(reverse("payments:cancel", args=[order.pk]))
    assert state_of(order) == Order.State.CANCELED


def test_outsider_cannot_cancel(order: Order, rival: User, client_for: ClientFor) -> None:
    assert client_for(rival).post(reverse("payments:cancel", args=[order.pk])).status_code == 404
    assert Client().post(reverse("payments:cancel", args=[order.pk])).status_code == 302
    assert state_of(order) == Order.State.OPEN


def test_admin_reads_an_order_with_its_history_and_can_change_nothing(
    order: Order, make_user: Callable[..., User], client_for: ClientFor
) -> None:
    client = client_for(make_user("admin@example.com", is_staff=True, is_superuser=True))
    page = client.get(reverse("admin:payments_order_change", args=[order.pk])).content.decode()
    assert "Stripe opened the checkout." in page
    assert client.post(reverse("admin:payments_order_change", args=[order.pk]), {}).status_code == 403
    assert client.post(reverse("admin:payments_order_delete", args=[order.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:payments_order_changelist") + "?needs_person=yes").status_code == 200
    assert client.get(reverse("admin:payments_webhookevent_changelist")).status_code == 200
