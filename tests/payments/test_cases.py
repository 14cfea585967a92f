"""The list of what can go wrong with a purchase, and where each case is tried. A case without its test is a failure.

`TWINS` switch off the guard of a case and see the harm.
"""

import importlib

import pytest

CASES = {
    "same event three times at once": "payments.test_fulfilment:test_same_event_three_times_makes_one_sale",
    "two events for one session": "payments.test_fulfilment:test_two_events_for_one_session_make_one_sale",
    "expired after completed": "payments.test_fulfilment:test_expired_event_after_the_sale_leaves_it_sold",
    "webhook before redirect": "payments.test_fulfilment:test_return_after_the_webhook_shows_the_sale",
    "redirect before webhook": (
        "payments.test_fulfilment:test_return_before_the_webhook_fulfils_and_the_webhook_changes_nothing"
    ),
    "closed tab": "payments.test_fulfilment:test_closed_tab_is_fulfilled_by_the_webhook",
    "no webhook ever": "payments.test_fulfilment:test_lost_webhook_is_made_up_for_by_the_reconciler",
    "many buyers race": "concurrency.test_crowds:test_two_hundred_buyers_of_one_track_make_one_sale",
    "two paid sessions": "payments.test_fulfilment:test_two_paid_sessions_make_one_sale_and_one_full_refund",
    "late payment, track free": "payments.test_fulfilment:test_late_payment_for_a_free_track_is_a_sale",
    "late payment, track resold": "payments.test_fulfilment:test_late_payment_for_a_resold_track_is_refunded_once",
    "late payment nobody told us of": (
        "payments.test_reconciliation:test_late_payment_that_no_event_told_of_is_found_in_stripes_list"
    ),
    "expiring races paying": "payments.test_orders:test_cancel_that_races_a_payment_ends_in_the_sale",
    "expiring a complete session": "payments.test_orders:test_cancel_of_a_paid_order_fulfils_it",
    "expiring times out": "payments.test_orders:test_cancel_that_times_out_keeps_the_hold_until_stripe_has_spoken",
    "reply to create lost": "payments.test_orders:test_lost_reply_to_create_finds_the_same_session_again",
    "crash before the session is stored": (
        "payments.test_orders:test_crash_before_the_session_is_stored_is_recovered_by_the_reconciler"
    ),
    "double click": "payments.test_orders:test_second_click_returns_to_the_same_checkout",
    "storm of 429 and 500": "payments.test_orders:test_short_storm_is_ridden_out_by_the_client",
    "forged signature": "payments.test_webhook:test_stranger_to_every_secret_is_refused",
    "tampered body": "payments.test_webhook:test_tampered_body_is_refused",
    "old replay": "payments.test_webhook:test_signature_counts_for_five_minutes_either_way",
    "rotated secret": "payments.test_webhook:test_both_secrets_are_accepted_while_one_is_rotated",
    "wrong amount or currency": (
        "payments.test_fulfilment:test_payment_of_another_amount_or_currency_is_refunded_with_an_alert"
    ),
    "other mode": "payments.test_fulfilment:test_event_of_the_other_mode_is_ignored_with_an_alert",
    "unknown session": "payments.test_fulfilment:test_event_for_an_unknown_session_is_accepted_and_sells_nothing",
    "foreign metadata": "payments.test_fulfilment:test_session_that_names_another_order_sells_nothing",
    "completed, unpaid": "payments.test_delayed_payments:test_completed_but_unpaid_delivers_nothing_yet",
    "delayed success": "payments.test_delayed_payments:test_delayed_payment_that_succeeds_is_a_sale",
    "delayed failure": "payments.test_delayed_payments:test_delayed_payment_that_fails_releases_the_track",
    "delayed failure nobody told us of": (
        "payments.test_delayed_payments:test_delayed_payment_that_failed_before_we_heard_of_it_releases_the_track"
    ),
    "crash before the refund": "payments.test_refunds:test_crash_before_the_call_refunds_once",
    "crash after the refund": "payments.test_refunds:test_crash_after_the_call_refunds_once",
    "two refund workers": "payments.test_refunds:test_two_refund_workers_refund_once",
    "already refunded": "payments.test_refunds:test_payment_that_was_refunded_elsewhere_counts_as_refunded",
    "refunded in part elsewhere": (
        "payments.test_refunds:test_payment_that_was_refunded_in_part_elsewhere_gets_only_the_rest"
    ),
    "refund pending, then failed": "payments.test_refunds_failed:test_pending_refund_that_fails_is_a_persons_work",
    "refund that bounces unheard": (
        "payments.test_refunds_failed:test_refund_that_bounces_unheard_is_found_in_stripes_list"
    ),
    "refund in the dashboard": (
        "payments.test_returns:test_refund_in_the_dashboard_ends_the_rights_and_the_track_is_for_sale_again"
    ),
    "refund after a download": "payments.test_returns:test_refund_of_a_downloaded_track_retires_it_for_good",
    "refund due here and made elsewhere": (
        "payments.test_returns:test_refund_that_was_due_while_somebody_gave_all_back_elsewhere_is_not_made_as_well"
    ),
    "dispute": "payments.test_disputes:test_dispute_freezes_access_and_calls_a_person",
    "dispute before its payment": (
        "payments.test_disputes:test_dispute_that_is_heard_of_before_the_payment_freezes_the_sale"
    ),
    "dispute won": "payments.test_disputes:test_won_dispute_restores_access",
    "dispute lost": "payments.test_disputes:test_lost_dispute_ends_the_rights_and_the_track_is_for_sale_again",
    "older answer comes last": "payments.test_late_answers:test_dispute_that_was_won_is_not_frozen_again",
    "database down": "payments.test_webhook:test_database_that_is_down_answers_500_and_the_retry_succeeds",
}
TWINS = {
    "older answer comes last": (
        "payments.test_late_answers:"
        "test_dispute_that_was_won_is_frozen_again_if_nobody_looks_what_was_recorded_meanwhile"
    ),
    "many buyers race": "concurrency.test_sales:test_without_lock_and_constraint_the_track_is_oversold",
    "two paid sessions": "payments.test_fulfilment:test_two_paid_sessions_are_both_sold_with_the_guards_off",
    "late payment, track free": (
        "payments.test_guards_off:test_late_payment_is_kept_for_nothing_if_expired_were_the_end"
    ),
    "late payment, track resold": (
        "payments.test_guards_off:test_late_payment_for_a_resold_track_is_sold_twice_if_nobody_looks_at_the_family"
    ),
    "expiring races paying": (
        "payments.test_guards_off:test_payment_that_races_the_cancel_is_lost_if_nobody_asks_stripe"
    ),
    "expiring a complete session": (
        "payments.test_guards_off:test_payment_that_races_the_cancel_is_lost_if_nobody_asks_stripe"
    ),
    "expiring times out": (
        "payments.test_guards_off:test_payable_session_loses_its_track_if_a_silent_cancel_released_it"
    ),
    "crash before the refund": (
        "payments.test_refunds:test_crash_before_the_call_keeps_the_money_when_nobody_sweeps_the_outbox"
    ),
    "crash after the refund": ("payments.test_refunds:test_crash_after_the_call_refunds_twice_with_both_guards_off"),
    "two refund workers": "payments.test_refunds:test_two_refund_workers_refund_twice_without_a_common_key",
    "already refunded": (
        "payments.test_refunds:test_payment_that_was_refunded_elsewhere_is_refunded_again_if_nobody_looks"
    ),
}


@pytest.mark.parametrize("where", [*CASES.values(), *TWINS.values()])
def test_case_is_tried(where: str) -> None:
    module, _, name = where.partition(":")
    assert callable(getattr(importlib.import_module(f"tests.{module}"), name, None))


def test_twins_are_of_cases_in_the_list() -> None:
    assert TWINS.keys() <= CASES.keys()
