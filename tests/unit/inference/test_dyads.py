"""Dyads by hand, and centring against ordinary least squares."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from xstilts.core.errors import StudyError
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity

COLUMNS = ["intermediate", "target", "language", "seed", "score", "gain", "same_data"]


def gains(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def one_target(*values: float, target: str = "pos") -> pd.DataFrame:
    names = ["anli", "mnli", "qqp", "ccg", "hellaswag"]
    return gains(
        *(
            (name, target, "de", 1, 50 + value, value, False)
            for name, value in zip(names, values, strict=True)
        )
    )


def similar(table: pd.DataFrame) -> pd.DataFrame:
    pairs = table[["intermediate", "target"]].drop_duplicates()
    return pairs.assign(similarity=np.arange(len(pairs)) ** 1.5, reliability=0.9)


def test_seeds_are_averaged_before_languages():
    table = gains(
        ("mnli", "pos", "de", 1, 61, 1.0, False),
        ("mnli", "pos", "de", 2, 63, 3.0, False),
        ("mnli", "pos", "sw", 1, 70, 10.0, False),
    )
    rows = seed_means(table)
    assert rows["gain"].tolist() == [2.0, 10.0]
    assert rows["seeds"].tolist() == [2, 1]


@pytest.mark.parametrize("name", ["none", "multitask", "mnli+mlm", "mnli+translated"])
def test_rows_of_no_single_task_are_left_out(name):
    table = gains((name, "pos", "de", 1, 61, 1.0, False), ("qqp", "pos", "de", 1, 61, 1.0, False))
    assert seed_means(table)["intermediate"].tolist() == ["qqp"]


def test_english_and_rows_without_gain_are_left_out():
    table = gains(
        ("qqp", "pos", "en", 1, 61, 1.0, False),
        ("qqp", "pos", "de", 1, 61, np.nan, False),
        ("qqp", "pos", "sw", 1, 61, 2.0, False),
    )
    assert seed_means(table, ["en"])["language"].tolist() == ["sw"]


def test_gain_is_standardised_within_target():
    table = pd.concat([one_target(1, 2, 3, 4, 5), one_target(10, 30, 50, 70, 90, target="bucc")])
    rows = seed_means(table)
    found, problems = dyads(rows, similar(table))
    assert problems == []
    # Sample standard deviation of 1..5 is sqrt(2.5).
    expected = np.sort(np.array([-2, -1, 0, 1, 2]) / np.sqrt(2.5))
    for target in ("pos", "bucc"):
        own = found.loc[found["target"] == target, "gain_standardised"]
        assert np.sort(own) == pytest.approx(expected)


def test_dyads_of_the_same_data_do_not_set_the_scale():
    table = one_target(1, 2, 3, 4, 100)
    table.loc[table["gain"] == 100, "same_data"] = True
    found, _ = dyads(seed_means(table), similar(table))
    own = found.set_index("gain")["gain_standardised"]
    deviation = np.std([1, 2, 3, 4], ddof=1)
    assert own[1] == pytest.approx(-1.5 / deviation)
    assert own[100] == pytest.approx(97.5 / deviation)


def test_a_target_without_spread_is_left_out_and_named():
    table = pd.concat([one_target(1, 2, 3, 4, 5), one_target(2, 2, 2, 2, 2, target="tatoeba")])
    found, problems = dyads(seed_means(table), similar(table))
    assert set(found["target"]) == {"pos"}
    assert len(problems) == 1
    assert "tatoeba" in problems[0]


def test_centred_columns_are_least_squares_residuals(simulated):
    # A missing dyad makes means of rows and columns the wrong answer.
    gains_ = simulated.gains.query("not (intermediate == 'ccg' and target == 'pos')")
    found, _ = dyads(seed_means(gains_), task_similarity(simulated.similarity, "text_embedding"))
    for name in ("gain", "similarity"):
        fitted = smf.ols(f"{name}_standardised ~ C(intermediate) + C(target)", found).fit()
        assert found[f"{name}_centred"].to_numpy() == pytest.approx(
            fitted.resid.to_numpy(), abs=1e-9
        )


def test_rows_take_the_units_of_their_dyads(simulated):
    rows = seed_means(simulated.gains)
    table, _ = dyads(rows, task_similarity(simulated.similarity, "text_embedding"))
    by_row = standardised_rows(rows, table)
    assert len(by_row) == len(rows)
    means = by_row.groupby(["intermediate", "target"])[["gain_scaled", "gain_standardised"]].mean()
    expected = table.set_index(["intermediate", "target"])[means.columns]
    pd.testing.assert_frame_equal(means, expected.sort_index(), check_exact=False)


def test_an_unknown_measure_names_the_nearest(simulated):
    with pytest.raises(StudyError, match="did you mean 'text_embedding'"):
        task_similarity(simulated.similarity, "text_embeding")


def test_a_measure_known_per_language_alone_is_averaged(simulated):
    table = simulated.similarity.head(1)
    table = pd.concat([table.assign(language="de"), table.assign(language="sw")])
    table["similarity"] = [0.2, 0.4]
    assert task_similarity(table, "text_embedding")["similarity"].tolist() == [pytest.approx(0.3)]
