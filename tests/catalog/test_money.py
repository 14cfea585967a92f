"""Prices as people read them."""

import pytest

from marketplace.catalog.money import format_money


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (24_900, "eur", "€249.00"),
        (5, "EUR", "€0.05"),
        (123_456_789, "usd", "$1,234,567.89"),
        (24_900, "jpy", "¥24,900"),
        (24_900, "kwd", "KWD\u00a024.900"),
        (24_900, "chf", "CHF\u00a0249.00"),
        (1, "gbp", "£0.01"),
        (7, "krw", "KRW\u00a07"),
    ],
)
def test_amount_reads_as_its_currency_is_counted(amount: int, currency: str, text: str) -> None:
    assert format_money(amount, currency) == text
