"""The expected gain: what the model recovers, shrinks, and says of what it never saw."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from xstilts.inference.prediction.expectation import additive, expectation

TASKS, TARGETS, LANGUAGES = 6, 6, 8


def grid():
    names = [
        [f"{letter}{n}" for n in range(count)]
        for letter, count in zip("itl", (6, 6, 8), strict=True)
    ]
    return pd.MultiIndex.from_product(names, names=["intermediate", "target", "language"]).to_frame(
        index=False
    )


@pytest.fixture
def rows():
    """Gains that are additive but for a little noise: every part is known."""
    draw = np.random.default_rng(3)
    table = grid()
    task, target, language = (
        table[name].str[1:].astype(int) for name in ("intermediate", "target", "language")
    )
    similarity = draw.normal(size=(TASKS, TARGETS))
    similarity -= similarity.mean(axis=0)
    size = np.linspace(-1, 1, LANGUAGES)
    gain = 2.0 * similarity[task, target] + np.array([-3, -2, -1, 1, 2, 3])[task]
    gain += np.array([0, 4, 1, 3, -1, -2.0])[target] - 1.5 * size[language]
    return table.assign(
        gain=gain + 0.05 * draw.normal(size=len(table)),
        similarity=similarity[task, target],
        size=size[language],
        distance=draw.normal(size=LANGUAGES)[language],
    )


def test_what_it_has_seen_comes_back(rows):
    found = expectation(rows).gains(rows)
    assert np.corrcoef(found, rows["gain"])[0, 1] > 0.99


def test_a_new_language_is_predicted_from_its_size(rows):
    out = rows["language"] == "l7"
    model = expectation(rows[~out])
    error, blind = (
        np.sqrt(np.mean((model.gains(told) - rows["gain"][out]) ** 2))
        for told in (rows[out], rows[out].assign(size=np.nan))
    )
    assert error < 0.5 < 1.2 < blind


def test_a_new_target_is_ranked_by_task_and_similarity(rows):
    out = rows["target"] == "t1"
    found = expectation(rows[~out]).gains(rows[out])
    assert np.corrcoef(found, rows["gain"][out])[0, 1] > 0.95


def test_of_a_new_target_and_language_only_covariates_and_task_are_known(rows):
    model = expectation(rows)
    new = rows.iloc[:2].assign(target="new", language="new", similarity=[0.0, np.nan], size=np.nan)
    assert np.ptp(model.gains(new)) == 0
    mean = model.gains(new.assign(intermediate="new"))[0]
    usual = np.sqrt((rows["gain"] ** 2).groupby(rows["target"]).mean()).median()
    assert mean == pytest.approx(usual * model.level.intercept, abs=0.02)


def test_the_scale_of_gains_changes_nothing_but_the_scale(rows):
    out = rows["target"] == "t1"
    one = expectation(rows[~out]).gains(rows[out])
    ten = expectation(rows[~out].assign(gain=10 * rows["gain"])).gains(rows[out])
    np.testing.assert_allclose(ten, 10 * one, rtol=1e-3, atol=1e-3)


def test_a_covariate_that_says_nothing_gets_no_weight():
    draw = np.random.default_rng(0)
    table = grid()
    noise = draw.normal(size=len(table))
    nothing = {
        name: draw.normal(size=8)[table["language"].str[1:].astype(int)]
        for name in ("size", "distance")
    }
    rows = table.assign(gain=1 + noise, similarity=draw.normal(size=len(table)), **nothing)
    slopes = expectation(rows).contrast.slopes | expectation(rows).level.slopes
    assert all(abs(slope) < 0.12 for slope in slopes.values())
    assert any(slope == 0 for slope in slopes.values())


def test_the_level_is_shrunk_as_statsmodels_shrinks_it(rows):
    """One factor alone has a textbook answer, here from an independent engine."""
    table = rows.assign(size=np.nan, distance=np.nan, language="l" + (rows.index % 48).astype(str))
    cells = table.groupby(["target", "language"], as_index=False)["gain"].mean()
    scale = np.sqrt((table["gain"] ** 2).groupby(table["target"]).mean())
    cells["gain"] /= cells["target"].map(scale)
    other = smf.mixedlm("gain ~ 1", cells, groups="target").fit(reml=True)
    found = additive(cells, ("target",), ())
    assert found.intercept == pytest.approx(other.fe_params["Intercept"], abs=1e-4)
    for target, effect in other.random_effects.items():
        assert found.effects["target"][target] == pytest.approx(effect.iloc[0], abs=1e-3)


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_gains_that_are_all_the_same_are_expected_again(rows, value):
    same = rows.assign(gain=value)
    new = same.assign(target="new", language="new")
    assert expectation(same).gains(new) == pytest.approx(np.full(len(new), value))


def test_one_language_alone_can_be_learned_from(rows):
    alone = rows[rows["language"] == "l0"]
    assert np.isfinite(expectation(alone).gains(rows)).all()
