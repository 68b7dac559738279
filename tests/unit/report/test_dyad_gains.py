"""The interval of a dyad, against numbers worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from xstilts.report.dyad_gains import rule, summarise


def table(rows: list[tuple]) -> pd.DataFrame:
    """Rows of (intermediate, language, seed, gain, half width)."""
    return pd.DataFrame(
        [(i, "xnli", code, seed, gain, gain - half, gain + half, False)
         for i, code, seed, gain, half in rows],
        columns=["intermediate", "target", "language", "seed", "gain", "low", "high", "same_data"],
    )  # fmt: skip


def test_one_row_keeps_its_interval():
    (row,) = summarise(table([("mnli", "sw", 1, 2.0, 1.5)])).itertuples()
    assert (row.gain, row.low, row.high) == pytest.approx((2.0, 0.5, 3.5))
    assert (row.languages, row.seeds) == (1, 1)
    # One seed does not say what another training run would have given.
    assert row.excludes_zero and not row.distinguishable
    (row,) = summarise(table([("mnli", "sw", seed, 2.0, 1.5) for seed in (1, 2)])).itertuples()
    assert row.distinguishable


def test_languages_share_items_so_the_interval_does_not_shrink():
    gains = table([("mnli", code, 1, 1.0, 1.2) for code in ("ar", "de", "sw", "zh")])
    (row,) = summarise(gains).itertuples()
    # Four independent samples would give 1.0 ± 0.6, which excludes zero.
    assert (row.low, row.high) == pytest.approx((-0.2, 2.2))
    assert not row.excludes_zero


def test_widths_are_averaged_over_languages():
    gains = table([("mnli", "de", 1, 3.0, 1.0), ("mnli", "sw", 1, 5.0, 2.0)])
    (row,) = summarise(gains).itertuples()
    assert (row.gain, row.low, row.high) == pytest.approx((4.0, 2.5, 5.5))


def test_variance_between_seeds_is_pooled_within_the_target_and_added():
    gains = table([("mnli", "sw", 1, 1.0, 1.0), ("mnli", "sw", 2, 3.0, 1.0),
                   ("qqp", "sw", 1, 2.0, 1.0), ("qqp", "sw", 2, 2.0, 1.0)])  # fmt: skip
    result = summarise(gains).set_index("intermediate")
    # Variances 2 and 0 pool to 1; divided by two seeds: 0.5.
    half = 1.96 * math.sqrt((1 / 1.96) ** 2 + 0.5)
    for name in ("mnli", "qqp"):
        assert result.loc[name, "high"] - result.loc[name, "gain"] == pytest.approx(half)


def test_a_language_with_fewer_seeds_counts_like_the_others():
    gains = table([("mnli", "de", 1, 4.0, 1.0), ("mnli", "de", 2, 6.0, 1.0),
                   ("mnli", "sw", 1, 1.0, 1.0)])  # fmt: skip
    assert summarise(gains)["gain"].item() == pytest.approx(3.0)


def test_diverged_rows_are_left_out_and_unknown_intervals_stay_unknown():
    gains = table([("mnli", "de", 1, 4.0, 1.0), ("mnli", "sw", 1, 5.0, np.nan),
                   ("qqp", "de", 1, np.nan, np.nan)])  # fmt: skip
    (row,) = summarise(gains).itertuples()
    assert row.intermediate == "mnli" and row.gain == pytest.approx(4.5)
    assert math.isnan(row.low) and not row.distinguishable


def test_empty_table():
    assert summarise(table([])).empty


@pytest.mark.parametrize("correlation", [0.0, 1.0])
def test_interval_covers_the_truth_at_least_as_often_as_it_says(correlation):
    random = np.random.default_rng(1)
    rows = []
    for study in range(400):
        shared = random.normal()
        noise = correlation * shared + (1 - correlation) * random.normal(size=6)
        rows += [(f"i{study}", f"l{k}", 1, 2.0 + error, 1.96) for k, error in enumerate(noise)]
    result = summarise(table(rows))
    assert ((result["low"] <= 2.0) & (result["high"] >= 2.0)).mean() >= 0.93


STATED = {"value": 1.5, "source": "three runs of another study"}


def test_a_stated_deviation_of_runs_stands_in_where_there_is_one_seed():
    gains = table([("mnli", "sw", 1, 9.0, 1.0)])
    (row,) = summarise(gains, stated=STATED).itertuples()
    # The row and the baseline are a run each.
    half = 1.96 * math.sqrt((1 / 1.96) ** 2 + 2 * 1.5**2)
    assert row.high - row.gain == pytest.approx(half)
    assert row.stated and row.distinguishable
    said = rule(summarise(gains, stated=STATED), pd.DataFrame(), STATED)
    assert "1.5 points, after three runs of another study" in said


def test_it_is_used_for_the_targets_that_it_names_alone():
    gains = table([("mnli", "sw", 1, 9.0, 1.0)])
    other = STATED | {"value": {"pos": 1.5}}
    pd.testing.assert_frame_equal(summarise(gains, stated=other), summarise(gains))
    assert not summarise(gains)["stated"].any()


def test_seeds_go_before_what_is_stated():
    gains = table([("mnli", "sw", seed, gain, 1.0) for seed, gain in ((1, 8.0), (2, 9.0))])
    pd.testing.assert_frame_equal(summarise(gains, stated=STATED), summarise(gains))


@pytest.mark.parametrize("run", [0.5, 1.0, 2.0])
def test_one_seed_covers_the_truth_as_often_as_it_says_where_the_deviation_is_right(run):
    random = np.random.default_rng(round(10 * run))
    error, pairs = 0.6, 3000
    noise = random.normal(0, error, pairs) + random.normal(0, math.sqrt(2) * run, pairs)
    gains = table([(f"i{k}", "sw", 1, 2 + one, 1.96 * error) for k, one in enumerate(noise)])
    covered = [
        ((found["low"] <= 2) & (found["high"] >= 2)).mean()
        for found in (summarise(gains), summarise(gains, stated={"value": run, "source": "x"}))
    ]
    assert covered[0] < 0.8
    assert 0.93 <= covered[1] <= 0.97
