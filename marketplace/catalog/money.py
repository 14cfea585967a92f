"""Prices in minor units, as Stripe counts them, and how people read them."""

from marketplace.errors import InvalidInputError

# https://docs.stripe.com/currencies: how many decimals the minor unit stands for, where it is not two.
ZERO_DECIMALS = frozenset(
    ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf")
)
THREE_DECIMALS = frozenset(("bhd", "jod", "kwd", "omr", "tnd"))
_SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}
_LARGEST = 99_999_999


def count_decimals(currency: str) -> int:
    if currency.lower() in ZERO_DECIMALS:
        return 0
    return 3 if currency.lower() in THREE_DECIMALS else 2


def format_money(amount: int, currency: str) -> str:
    """24900 eur → '€249.00', 24900 jpy → '¥24,900', 24900 chf → 'CHF 249.00'."""
    decimals = count_decimals(currency)
    whole, rest = divmod(amount, 10**decimals)
    symbol = _SYMBOLS.get(currency.lower(), f"{currency.upper()}\N{NO-BREAK SPACE}")
    return f"{symbol}{whole:,}" + (f".{rest:0{decimals}d}" if decimals else "")


def check_price(*, amount: int, currency: str) -> None:
    faults: dict[str, list[str]] = {}
    if not 1 <= amount <= _LARGEST:
        faults["price_amount"] = [f"{amount}: a price lies between 1 and {_LARGEST} minor units."]
    if count_decimals(currency) == 3 and amount % 10:
        code = currency.upper()
        faults["price_amount"] = [
            f"{amount}: prices in {code} end in 0, because card networks charge two decimals of it."
        ]
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha()):
        faults["price_currency"] = [f"{currency!r}: give a currency by its three letters, such as eur."]
    if faults:
        raise InvalidInputError("The price was not changed.", fields=faults)
