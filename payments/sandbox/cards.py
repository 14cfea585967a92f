"""The test cards of the hosted page, by the numbers that Stripe's own test mode uses where it has one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    description: str
    decline_code: str = ""
    settles_late: bool | None = None
    """None pays at once; True or False completes unpaid and settles a few seconds later, well or badly."""
    needs_authentication: bool = False
    """3-D Secure: the bank asks the buyer first, and the session stays open meanwhile."""
    refund_ends: str = ""
    """How a refund ends a few seconds after it was made, where it does not simply succeed."""
    disputed_as: str = ""
    """The reason that the buyer's bank gives for a dispute, a few seconds after the payment."""


CARDS = {
    "4242424242424242": Card("pays at once"),
    "4000000000000002": Card("is declined", decline_code="generic_decline"),
    "4000000000009995": Card("is declined for insufficient funds", decline_code="insufficient_funds"),
    "4000000000000069": Card("is declined as expired", decline_code="expired_card"),
    "4000000000003220": Card("asks for 3-D Secure, then pays", needs_authentication=True),
    "4000000000000077": Card("completes now and is paid three seconds later", settles_late=True),
    "4000000000000093": Card("completes now and fails three seconds later", settles_late=False),
    "4000000000007726": Card("pays; a refund is pending first, then succeeds", refund_ends="succeeded"),
    "4000000000005126": Card("pays; a refund succeeds first, then fails", refund_ends="failed"),
    "4000000000000259": Card("pays, and is disputed as fraudulent three seconds later", disputed_as="fraudulent"),
}
SETTLING_SECONDS = 3


def find_card(number: str) -> Card | None:
    return CARDS.get("".join(number.split()).replace("-", ""))
