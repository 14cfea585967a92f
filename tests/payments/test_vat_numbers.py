"""VAT numbers are held to their country's form and check digits, and a refusal says what to do."""

import pytest

from payments.billing.countries import COUNTRIES, EUROPEAN_UNION
from payments.billing.vat_numbers import FORMS, VatNumberError, read_vat_number

GOOD = {
    "AT": "ATU13585627",
    "BE": "BE0428759497",
    "BG": "BG175074752",
    "CY": "CY10259033P",
    "CZ": "CZ25123891",
    "DE": "DE136695976",
    "DK": "DK13585628",
    "EE": "EE100931558",
    "ES": "ESB58378431",
    "FI": "FI20774740",
    "FR": "FR40303265045",
    "GR": "EL094259216",
    "HR": "HR33392005961",
    "HU": "HU12892312",
    "IE": "IE6433435F",
    "IT": "IT00743110157",
    "LT": "LT119511515",
    "LU": "LU15027442",
    "LV": "LV40003521600",
    "MT": "MT11679112",
    "NL": "NL004495445B01",
    "PL": "PL8567346215",
    "PT": "PT501964843",
    "RO": "RO18547290",
    "SE": "SE123456789701",
    "SI": "SI50223054",
    "SK": "SK2022749619",
}


def test_every_country_of_the_union_has_a_form_and_an_example() -> None:
    assert set(FORMS) == set(GOOD) == EUROPEAN_UNION
    assert set(COUNTRIES) > EUROPEAN_UNION
    assert all(len(code) == 2 and code.isupper() and name for code, name in COUNTRIES.items())


@pytest.mark.parametrize("country", GOOD)
def test_number_is_read_with_and_without_its_prefix_and_spaces(country: str) -> None:
    number = GOOD[country]
    spaced = " ".join((number[:4], number[4:7], number[7:])).lower()
    assert read_vat_number(spaced, country=country) == number
    assert read_vat_number(number[2:], country=country) == number


@pytest.mark.parametrize("country", sorted(set(GOOD) - {"BG", "CZ", "ES", "IE", "CY", "AT", "NL"}))
def test_one_wrong_digit_is_found_by_the_check_digits(country: str) -> None:
    number = GOOD[country]
    last = str((int(number[-1]) + 1) % 10)
    place = -3 if country == "SE" else -1  # of a Swedish number the last two digits tell the branch
    wrong = (
        number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :] if place != -1 else number[:-1] + last
    )
    with pytest.raises(VatNumberError, match=f"'{wrong}'"):
        read_vat_number(wrong, country=country)


@pytest.mark.parametrize(
    ("text", "country", "words"),
    [
        ("DE136695975", "DE", "'DE136695975' is mistyped: its check digits do not fit"),
        ("DE12", "DE", "it has the form DE and 9 digits"),
        ("PL8567346215", "DE", "begins with PL, but your address is in Germany"),
        ("GB123", "GB", "it has the form GB and 9 or 12 digits"),
        ("x!", "US", "give 2 to 20 letters and digits, or leave it empty"),
    ],
)
def test_refusal_names_the_value_and_the_remedy(text: str, country: str, words: str) -> None:
    with pytest.raises(VatNumberError) as caught:
        read_vat_number(text, country=country)
    assert words in str(caught.value)


def test_numbers_of_other_countries_are_taken_as_they_are() -> None:
    assert read_vat_number("12-3456789", country="US") == "123456789"
    assert read_vat_number("GB 980 7806 84", country="GB") == "GB980780684"
