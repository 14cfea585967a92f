"""The waveform in the page is the track's own: no extreme is lost, and nothing breaks without peaks."""

import pytest
from django.template import Context, Template

from marketplace.templatetags.waveforms import clock, reduce_peaks, spot_length, waveform


def test_each_bar_keeps_the_extremes_of_its_stretch() -> None:
    peaks = [[-10, 20], [-90, 5], [-3, 60], [-4, 3]]
    assert reduce_peaks(peaks, bars=2) == [(-90, 20), (-4, 60)]


def test_silence_is_drawn_as_a_thin_line() -> None:
    assert reduce_peaks([[0, 0], [0, 0]], bars=2) == [(-2, 2), (-2, 2)]


def test_fewer_peaks_than_bars_are_drawn_as_they_are() -> None:
    assert reduce_peaks([[-5, 7]], bars=180) == [(-5, 7)]


def test_picture_has_one_stroke_per_bar_between_minimum_and_maximum() -> None:
    assert '<path d="M0.5 120V132M1.5 117V139"/>' in waveform([[-5, 7], [-12, 10]], bars=2)


def test_track_without_peaks_gets_a_flat_line_of_the_same_size() -> None:
    picture = waveform([], bars=3)
    assert 'viewBox="0 0 3 254"' in picture
    assert '<path d="M0.5 127V127M1.5 127V127M2.5 127V127"/>' in picture


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (14.5, "0:15"), (59.5, "1:00"), (95, "1:35"), ("180.000", "3:00")]
)
def test_clock_counts_minutes_and_seconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [("30.000", "30 s"), (14.5, "14.5 s"), (5.125, "5.125 s"), (100, "100 s")]
)
def test_spot_length_is_exact_and_without_empty_decimals(seconds: float, text: str) -> None:
    assert spot_length(seconds) == text


def test_tag_works_in_a_template() -> None:
    template = Template("{% load waveforms %}{% waveform peaks 2 %}{{ 30|clock }}")
    assert template.render(Context({"peaks": [[-1, 1]] * 8})).endswith("</svg>0:30")
