"""The Range header, by RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalog.ranges import ByteRange, UnsatisfiableRangeError, parse_range


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, 99),
        ("bytes=10-19", 10, 19),
        ("bytes=90-1000", 90, 99),
        ("bytes=-1", 99, 99),
        ("bytes=-100", 0, 99),
        ("bytes=-1000", 0, 99),
        ("BYTES = 5-6", 5, 6),
    ],
)
def test_single_range_is_cut_to_the_file(header: str, first: int, last: int) -> None:
    assert parse_range(header, size=100) == ByteRange(first, last)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "items=0-1",
        "bytes=0-1,5-6",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=٣-٤",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_malformed_or_manifold_range_means_the_whole_file(header: str) -> None:
    assert parse_range(header, size=100) is None


@pytest.mark.parametrize(("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-", 0), ("bytes=-5", 0)])
def test_range_outside_the_file_cannot_be_satisfied(header: str, size: int) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        parse_range(header, size=size)


@given(st.text(max_size=30) | st.from_regex(r"bytes=\d{0,25}-\d{0,25}"), st.integers(0, 10**12))
def test_no_header_leads_outside_the_file(header: str, size: int) -> None:
    try:
        part = parse_range(header, size=size)
    except UnsatisfiableRangeError:
        return
    assert part is None or 0 <= part.first <= part.last < size
