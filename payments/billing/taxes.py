"""Which tax a sale carries. Prices are net: what is due comes on top.

`TAX=none`: the house charges no VAT. `TAX=vat`: its own country's VAT, by the EU's rules for services between
businesses (Directive 2006/112/EC, articles 44 and 196). `TAX=stripe`: Stripe Tax works it out at the checkout.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.conf import settings

from marketplace.catalog.money import count_decimals
from payments.billing.countries import EUROPEAN_UNION
from payments.models import BillingProfile, Order

Treatment = Order.TaxTreatment

NOTES = {
    Treatment.REVERSE_CHARGE: "Reverse charge: the recipient owes the VAT (Article 196, Directive 2006/112/EC).",
    Treatment.OUTSIDE: "Outside the scope of VAT: the place of supply is where the recipient is established.",
}


@dataclass(frozen=True)
class Tax:
    treatment: Order.TaxTreatment
    percent: Decimal = Decimal(0)


def choose_tax(*, buyer: BillingProfile | None) -> Tax:
    """A buyer that did not say where it is counts as domestic; with TAX=vat no order is placed without it."""
    match settings.TAX:
        case "stripe":
            return Tax(Treatment.BY_STRIPE)
        case "vat":
            treatment = _choose_treatment(buyer)
            return Tax(treatment, settings.VAT_PERCENT if treatment == Treatment.DOMESTIC else Decimal(0))
    return Tax(Treatment.UNTAXED)


def _choose_treatment(buyer: BillingProfile | None) -> Order.TaxTreatment:
    seller = settings.SELLER_COUNTRY
    if buyer is None or buyer.country == seller:
        return Treatment.DOMESTIC
    if seller in EUROPEAN_UNION and buyer.country in EUROPEAN_UNION:
        # Without a number it is no taxable person for us, and the seller's own rate holds below the EU's threshold.
        return Treatment.REVERSE_CHARGE if buyer.vat_number else Treatment.DOMESTIC
    return Treatment.OUTSIDE


def add_tax(*, net: int, percent: Decimal, currency: str) -> int:
    """The tax on a net amount, in minor units, halves rounded up; in steps that Stripe can charge."""
    step = charging_step(currency)
    exact = Decimal(net) * percent / 100 / step
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)) * step


def charging_step(currency: str) -> int:
    """Stripe wants amounts of three-decimal currencies in multiples of ten."""
    return 10 if count_decimals(currency) == 3 else 1


def share_of_tax(*, tax: int, total: int, part: int) -> int:
    """How much of `tax` lies in `part` of a total, halves rounded up."""
    return (2 * tax * part + total) // (2 * total)
