"""The interval of a dyad, against numbers worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from xstilts.report.dyad_gains import summarise


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
