"""Copyright IDs: readable by people, wrong when mistyped."""

import itertools
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import InvalidInputError
from marketplace.rights.copyright_id import (
    check_copyright_id,
    make_copyright_id,
    number_copyright_id,
    write_copyright_id,
)

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TYPED = string.digits + string.ascii_uppercase
SAME = {"O": "0", "I": "1", "L": "1"}
PLACES = [index for index in range(2, 17) if index not in (4, 9, 14)]
"""Where year, body and check characters stand in 'OT26-7K3Q-9FMX-4C'."""


def is_accepted(text: str) -> bool:
    try:
        check_copyright_id(text)
    except InvalidInputError as error:
        if error.code != "mistyped_id":
            raise
        return False
    return True


def put(text: str, index: int, character: str) -> str:
    return text[:index] + character + text[index + 1 :]


def check_by_the_standard(payload: str) -> str:
    """ISO 7064 as a sum: each value times 36 to the power of its place, check characters included, is 1 modulo 1271."""
    total = sum(TYPED.index(character) * 36 ** (place + 2) for place, character in enumerate(reversed(payload)))
    check = next(number for number in range(1271) if (total + number) % 1271 == 1)
    return TYPED[check // 36] + TYPED[check % 36]


def write_id(year: int, body: str) -> str:
    payload = f"{year:02d}{body}"
    return f"OT{payload[:2]}-{payload[2:6]}-{payload[6:]}-{check_by_the_standard(payload)}"


IDS = st.builds(write_id, st.integers(0, 99), st.text(CROCKFORD, min_size=8, max_size=8)).filter(
    lambda made: set(made[-2:]) <= set(CROCKFORD)
)


def test_new_id_carries_the_year_and_nothing_that_is_misread() -> None:
    made = make_copyright_id(year=2026)
    assert made.startswith("OT26-")
    assert [len(group) for group in made.split("-")] == [4, 4, 4, 2]
    assert set(made[2:]) <= set(CROCKFORD + "-")


@pytest.mark.parametrize("year", range(2020, 2060))
def test_check_characters_are_those_of_the_standard(year: int) -> None:
    bare = make_copyright_id(year=year).replace("-", "")
    assert bare[-2:] == check_by_the_standard(bare[2:-2])


def test_ids_do_not_repeat() -> None:
    assert len({make_copyright_id(year=2026) for _ in range(2000)}) == 2000


@pytest.mark.parametrize("year", range(2020, 2040))
def test_every_single_wrong_character_is_caught(year: int) -> None:
    made = make_copyright_id(year=year)
    wrong = [put(made, place, typed) for place in PLACES for typed in TYPED if SAME.get(typed, typed) != made[place]]
    assert len(wrong) >= 12 * 33
    assert [text for text in wrong if is_accepted(text)] == []


@pytest.mark.parametrize("year", range(2020, 2040))
def test_every_swap_of_two_characters_is_caught(year: int) -> None:
    made = make_copyright_id(year=year)
    swapped = [
        put(put(made, first, made[second]), second, made[first])
        for first, second in itertools.combinations(PLACES, 2)
        if made[first] != made[second]
    ]
    assert [text for text in swapped if is_accepted(text)] == []


@given(IDS, st.sampled_from(PLACES))
def test_missing_and_doubled_characters_are_caught(made: str, place: int) -> None:
    assert not is_accepted(put(made, place, ""))
    assert not is_accepted(put(made, place, made[place] * 2))


@given(IDS, st.data())
def test_id_is_read_however_it_is_typed(made: str, data: st.DataObject) -> None:
    looks = {"0": "0Oo", "1": "1IiLl", "O": "Oo0"}
    typed = [data.draw(st.sampled_from(looks.get(each, each + each.lower()))) for each in made if each != "-"]
    separators = st.sampled_from(["", "-", " ", "\u2013", "."])
    assert check_copyright_id("".join(each + data.draw(separators) for each in typed)) == made


@given(st.text(max_size=40))
def test_garbage_is_called_mistyped(text: str) -> None:
    assert not is_accepted(text)


def test_prefix_is_required() -> None:
    made = make_copyright_id(year=2026)
    assert not is_accepted(made.removeprefix("OT"))
    assert not is_accepted("XX" + made.removeprefix("OT"))


def test_number_of_an_id_gives_the_id_back_and_fits_the_mark() -> None:
    for year in (0, 26, 99):
        copyright_id = make_copyright_id(year=year)
        number = number_copyright_id(copyright_id)
        assert write_copyright_id(number) == copyright_id
        assert number < 1 << 48


@pytest.mark.parametrize("number", [100 << 40, (1 << 48) - 1, -1])
def test_number_that_no_id_has_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="no copyright ID"):
        write_copyright_id(number)
