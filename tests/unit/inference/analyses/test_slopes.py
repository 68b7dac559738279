"""Slopes and rank correlations against scipy and statsmodels, on resamples written out."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from xstilts.inference.analyses.slopes import language_slopes, target_slopes, weighted_spearman
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity


@pytest.fixture(scope="module")
def tables(simulated):
    rows = seed_means(simulated.gains)
    table, _ = dyads(rows, task_similarity(simulated.similarity, "text_embedding"))
    return table, standardised_rows(rows, table)


def test_weighted_spearman_is_that_of_the_repeated_sample():
    random = np.random.default_rng(1)
    x, y = random.integers(0, 5, size=(2, 9)).astype(float)
    counts = random.multinomial(9, np.full(9, 1 / 9), size=30)
    found = weighted_spearman(x, y, counts.astype(float))
    for row, value in zip(counts, found, strict=True):
        assert value == pytest.approx(stats.spearmanr(np.repeat(x, row), np.repeat(y, row))[0])


def test_slope_of_a_target_is_least_squares(tables):
    table, _ = tables
    for row in target_slopes(table, 300, 1):
        own = table[table["target"] == row["target"]]
        fitted = stats.linregress(own["similarity_standardised"], own["gain_standardised"])
        assert row["slope"] == pytest.approx(fitted.slope)
        rank = stats.spearmanr(own["similarity_standardised"], own["gain_standardised"])
        assert row["spearman"] == pytest.approx(rank.statistic)
        assert row["low"] < row["slope"] < row["high"]
        assert row["dyads"] == len(own)


def test_slope_of_a_language_is_pooled_within_targets(tables, simulated):
    _, rows = tables
    for row in language_slopes(rows, simulated.languages, 300, 1):
        own = rows[rows["language"] == row["language"]]
        fitted = smf.ols("gain_standardised ~ similarity_standardised + C(target)", own).fit()
        assert row["slope"] == pytest.approx(fitted.params["similarity_standardised"])
        assert row["low"] < row["slope"] < row["high"]
        assert row["gain"] == pytest.approx(own["gain"].mean())
        assert row["family"].startswith("Family")


def test_interval_of_a_target_covers(config):
    # True slope 0.5 in each of 200 targets with nine intermediate tasks of their own noise.
    random = np.random.default_rng(1)
    x = random.normal(size=(9, 200))
    y = 0.5 * x + random.normal(size=(9, 200))
    row, column = (index.ravel() for index in np.indices(x.shape))
    table = pd.DataFrame(
        {
            "intermediate": [f"i{code}" for code in row],
            "target": [f"t{code:03d}" for code in column],
            "similarity_standardised": x.ravel(),
            "gain_standardised": y.ravel(),
            "same_data": False,
        }
    )
    found = pd.DataFrame(target_slopes(table, 300, 1))
    covered = (found["low"] < 0.5) & (found["high"] > 0.5)
    # A bootstrap of nine is somewhat short of its nominal 95 %.
    assert 0.78 <= covered.mean() <= 0.99


def test_a_language_without_facts_still_has_a_row(tables, simulated):
    _, rows = tables
    few = simulated.languages.iloc[1:]
    found = pd.DataFrame(language_slopes(rows, few, 100, 1))
    assert found["name"].isna().sum() == 1
    assert found["slope"].notna().all()


def test_two_intermediate_tasks_have_no_slope(tables):
    table, _ = tables
    few = table[table["intermediate"].isin(["anli", "mnli"])]
    assert all(np.isnan(row["slope"]) for row in target_slopes(few, 100, 1))
