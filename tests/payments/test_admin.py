"""What an administrator does to orders, and what an ordinary person of the staff may not."""

from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from accounts.models import User
from marketplace.catalog.models import Track
from marketplace.rights.queries import owner_of
from payments.models import Order, Refund
from payments.sandbox.server import Sandbox
from payments.services import fulfil, settle_disputes
from tests.payments.conftest import EVERY_TRY, EXPIRE, REFUND, buy, company_of, history_of, state_of

State = Order.State
LIST = "/admin/payments/order/"


def act(admin: Client, order: Order, name: str, **fields: str) -> str:
    return admin.post(
        f"{LIST}{order.pk}/{name}/", {"reason": "Agreed by phone.", **fields}, follow=True
    ).content.decode()


def offered(admin: Client, order: Order) -> list[str]:
    page = admin.get(f"{LIST}{order.pk}/change/").content.decode()
    return [name for name in ("refund", "retry-refund", "release", "dismiss") if f"{order.pk}/{name}/" in page]


def test_part_of_the_price_is_refunded_with_a_reason(admin: Client, sale: Order, sandbox: Sandbox) -> None:
    assert offered(admin, sale) == ["refund"]
    assert 'value="249.00"' in admin.get(f"{LIST}{sale.pk}/refund/").content.decode()
    assert "done. The order is Sold." in act(admin, sale, "refund", amount="49.50")
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.requested_by) == (4_950, "Agreed by phone.", "admin ada@example.com")
    assert [made["amount"] for made in sandbox.list_kind("refund")] == [4_950]
    assert LogEntry.objects.get().change_message == "Refund: Agreed by phone."


def test_whole_refund_ends_the_rights_and_is_not_offered_again(admin: Client, sale: Order, track: Track) -> None:
    act(admin, sale, "refund", amount="249.00")
    assert state_of(sale) == State.REFUNDED_AFTER_SALE
    assert owner_of(track.family) is None
    assert sale.transitions.last().actor == "admin ada@example.com"
    assert offered(admin, sale) == []
    assert "nothing to do any more" in act(admin, sale, "refund", amount="249.00")


@pytest.mark.parametrize(
    "fields",
    [{"amount": "249.01"}, {"amount": "0"}, {"amount": "1.005"}, {"amount": "x"}, {"amount": "1", "reason": " "}],
)
def test_refund_that_cannot_be_meant_changes_nothing(
    admin: Client, sale: Order, sandbox: Sandbox, fields: dict[str, str]
) -> None:
    assert "errorlist" in act(admin, sale, "refund", **fields)
    assert state_of(sale) == State.SOLD
    assert sandbox.list_kind("refund") == []
    assert not Refund.objects.exists()


def test_disputed_order_offers_no_refund(admin: Client, sale: Order, sandbox: Sandbox) -> None:
    sandbox.dispute(sale.session_id)
    settle_disputes(order=sale, actor="webhook")
    assert offered(admin, sale) == ["dismiss"]


def test_stuck_hold_is_released_once_stripe_has_expired_the_session(
    admin: Client, order: Order, sandbox: Sandbox, rival: User, track: Track
) -> None:
    assert offered(admin, order) == ["release"]
    assert "done. The order is Canceled." in act(admin, order, "release")
    assert history_of(order) == ["created", "open", "expiring", "canceled"]
    assert sandbox.list_kind("checkout.session")[0]["status"] == "expired"
    assert buy(rival, track).state == State.OPEN


def test_hold_stays_while_stripe_is_silent_and_is_released_on_the_next_try(
    admin: Client, order: Order, sandbox: Sandbox, track: Track
) -> None:
    sandbox.faults.answer(*EXPIRE, status=500, times=EVERY_TRY)
    assert "Stripe does not answer" in act(admin, order, "release")
    assert Track.objects.get(pk=track.pk).status == Track.Status.RESERVED
    act(admin, order, "release")
    assert state_of(order) == State.CANCELED


def test_release_of_a_hold_that_was_just_paid_makes_the_sale(
    admin: Client, order: Order, sandbox: Sandbox, buyer: User, track: Track
) -> None:
    sandbox.pay(order.session_id)
    assert "The order is Sold." in act(admin, order, "release")
    assert owner_of(track.family) == company_of(buyer)


def test_hold_whose_session_stripe_does_not_know_is_not_released(admin: Client, order: Order, track: Track) -> None:
    """Perhaps the key of another account: the buyer could still be paying there."""
    Order.objects.filter(pk=order.pk).update(session_id="cs_test_ofanotheraccount")
    assert "Stripe knows no session" in act(admin, order, "release")
    assert Track.objects.get(pk=track.pk).status == Track.Status.RESERVED


def test_failed_refund_is_tried_again(admin: Client, order: Order, sandbox: Sandbox) -> None:
    sandbox.pay(order.session_id)
    sandbox.change(order.session_id, amount_total=24_800)
    sandbox.faults.answer(*REFUND, status=400)
    fulfil(session_id=order.session_id, actor="webhook")
    assert offered(admin, order) == ["retry-refund", "dismiss"]
    act(admin, order, "retry-refund")
    assert state_of(order) == State.REFUNDED
    assert [made["amount"] for made in sandbox.list_kind("refund")] == [24_800]
    assert Order.objects.get(pk=order.pk).needs_person == ""


def test_queue_lists_what_needs_a_person_until_it_is_seen_to(
    admin: Client, sale: Order, rival: User, make_track: Callable[..., Track]
) -> None:
    other = buy(rival, make_track())
    Order.objects.filter(pk=sale.pk).update(needs_person="Look at this.")
    queue = admin.get(f"{LIST}?needs_person=yes").content.decode()
    assert str(sale.pk) in queue
    assert str(other.pk) not in queue
    act(admin, sale, "dismiss")
    assert Order.objects.get(pk=sale.pk).needs_person == ""
    assert str(sale.pk) not in admin.get(f"{LIST}?needs_person=yes").content.decode()


def test_staff_who_may_only_look_cannot_act(
    sale: Order, sandbox: Sandbox, make_user: Callable[..., User], client_for: Callable[[User], Client]
) -> None:
    from django.contrib.auth.models import Permission

    person = make_user("viewer@example.com", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_order"))
    viewer = client_for(person)
    assert offered(viewer, sale) == []
    assert viewer.post(f"{LIST}{sale.pk}/refund/", {"amount": "1", "reason": "x"}).status_code == 403
    assert sandbox.list_kind("refund") == []


def test_outsider_and_unknown_action_find_no_page(
    admin: Client, sale: Order, buyer: User, client_for: Callable[[User], Client]
) -> None:
    assert client_for(buyer).get(f"{LIST}{sale.pk}/refund/").status_code == 302
    assert admin.get(f"{LIST}{sale.pk}/give-away/").status_code == 404


@pytest.mark.parametrize("model", ["order", "dispute"])
@pytest.mark.parametrize("typed", ["abc", "99999999999999999999", "00000000-0000-4000-8000-000000000000"])
def test_address_of_no_row_leads_to_the_start_with_a_word(admin: Client, model: str, typed: str) -> None:
    response = admin.get(f"/admin/payments/{model}/{typed}/change/", follow=True)
    assert response.redirect_chain == [("/admin/", 302)]
    assert "doesn’t exist" in response.content.decode()


def test_events_that_were_given_up_are_listed(admin: Client) -> None:
    from payments.models import WebhookEvent

    for number, attempts in ((1, 20), (2, 3)):
        WebhookEvent.objects.create(
            event_id=f"evt_{number}", type="refund.failed", livemode=False, payload={}, attempts=attempts
        )
    page = admin.get("/admin/payments/webhookevent/?stuck=yes").content.decode()
    assert "evt_1" in page
    assert "evt_2" not in page
