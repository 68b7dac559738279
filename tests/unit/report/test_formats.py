"""How numbers are written."""

import math

import pytest

from xstilts.report.formats import count, duration, interval, minus_in_words, number


@pytest.mark.parametrize(
    "value, signed, text",
    [(1.25, True, "+1.2"), (-3.46, True, "−3.5"), (-0.04, True, "0.0"), (0.04, True, "0.0"),
     (71.06, False, "71.1"), (math.nan, True, "–"), (None, False, "–")],
)  # fmt: skip
def test_number(value, signed, text):
    assert number(value, signed=signed) == text


def test_interval_says_on_which_side_of_zero_it_ends():
    assert interval(0.04, 4.0) == "[+0.0,\u00a0+4.0]"
    assert interval(-3.9, -0.01) == "[−3.9,\u00a0−0.0]"
    assert interval(math.nan, 1.0) == ""


def test_signs_in_a_sentence_are_no_hyphens():
    said = "one-seed studies (95 % interval -0.15 to +0.40, -.2, double-centred)"
    told = "one-seed studies (95 % interval −0.15 to +0.40, −.2, double-centred)"
    assert minus_in_words(said) == told


def test_durations_and_counts():
    assert [duration(seconds) for seconds in (12.34, 119, 120, 7199, 7200, math.nan)] == [
        "12.3 s", "119.0 s", "2.0 min", "120.0 min", "2.0 h", "–",
    ]  # fmt: skip
    assert (count(1, "seed"), count(1200, "run")) == ("1 seed", "1,200 runs")
