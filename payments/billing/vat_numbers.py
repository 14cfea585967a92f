"""VAT numbers by the rules of their countries: form, and check digits where the country has any."""

import re
from types import ModuleType

from stdnum.eu import vat as european
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength, ValidationError
from stdnum.gb import vat as british

from payments.billing.countries import COUNTRIES, EUROPEAN_UNION

_PREFIXES = {"GR": "EL"}
"""The prefix of a VAT number is the country's code, but for Greece."""

FORMS = {
    "AT": "ATU and 8 digits",
    "BE": "BE and 10 digits",
    "BG": "BG and 9 or 10 digits",
    "CY": "CY, 8 digits and a letter",
    "CZ": "CZ and 8 to 10 digits",
    "DE": "DE and 9 digits",
    "DK": "DK and 8 digits",
    "EE": "EE and 9 digits",
    "ES": "ES and 9 letters or digits",
    "FI": "FI and 8 digits",
    "FR": "FR, 2 letters or digits, and 9 digits",
    "GR": "EL and 9 digits",
    "HR": "HR and 11 digits",
    "HU": "HU and 8 digits",
    "IE": "IE, 7 digits, and 1 or 2 letters",
    "IT": "IT and 11 digits",
    "LT": "LT and 9 or 12 digits",
    "LU": "LU and 8 digits",
    "LV": "LV and 11 digits",
    "MT": "MT and 8 digits",
    "NL": "NL, 9 digits, B and 2 digits",
    "PL": "PL and 10 digits",
    "PT": "PT and 9 digits",
    "RO": "RO and 2 to 10 digits",
    "SE": "SE and 12 digits",
    "SI": "SI and 8 digits",
    "SK": "SK and 10 digits",
}
_ELSEWHERE = re.compile(r"[A-Z0-9]{2,20}")


class VatNumberError(ValueError):
    """The message names the number, what is wrong with it, and the remedy."""


def read_vat_number(text: str, *, country: str) -> str:
    """The number in its canonical form, for a business in `country` (ISO). Raises VatNumberError."""
    compact = re.sub(r"[\s.\-/]", "", text).upper()
    if country in EUROPEAN_UNION:
        return _read_european(compact, text, country)
    if country == "GB":
        return _read_british(compact, text)
    if not _ELSEWHERE.fullmatch(compact):
        raise VatNumberError(f"{text!r} is no tax number: give 2 to 20 letters and digits, or leave it empty.")
    return compact


def _read_european(compact: str, text: str, country: str) -> str:
    prefix, form = _PREFIXES.get(country, country), FORMS[country]
    if compact[:2].isalpha() and compact[:2] not in (prefix, country) and _is_foreign(compact[:2]):
        raise VatNumberError(
            f"{text!r} begins with {compact[:2]}, but your address is in {COUNTRIES[country]}: give the number of "
            f"that country ({form}), or correct the country."
        )
    national = compact[2:] if compact[:2] in (prefix, country) else compact
    return prefix + _validate(european, prefix + national, text, COUNTRIES[country], form)[2:]


def _is_foreign(prefix: str) -> bool:
    return prefix in EUROPEAN_UNION or prefix in ("EL", "XI", "GB")


def _read_british(compact: str, text: str) -> str:
    national = compact.removeprefix("GB")
    return "GB" + _validate(british, national, text, COUNTRIES["GB"], "GB and 9 or 12 digits")


def _validate(rules: ModuleType, number: str, text: str, country: str, form: str) -> str:
    try:
        return str(rules.validate(number))
    except InvalidChecksum as error:
        raise VatNumberError(
            f"{text!r} is mistyped: its check digits do not fit. Compare it with your registration."
        ) from error
    except (InvalidFormat, InvalidLength) as error:
        raise VatNumberError(f"{text!r} is no VAT number of {country}: it has the form {form}.") from error
    except ValidationError as error:
        raise VatNumberError(
            f"{text!r} cannot be a VAT number of {country} ({form}). Compare it with your registration."
        ) from error
