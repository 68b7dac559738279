"""Correlated effects, F tests, nesting, few levels and weights, against R's numbers."""

import json

import numpy as np
import pandas as pd
import pytest

from helpers.mixed_reference import FOLDER
from mixed_models.denominator_df import kenward_roger
from mixed_models.model_frame import Model, prepare
from mixed_models.report import describe, fit_rows, fitted_table
from mixed_models.table_input import read_table

FITS = json.loads((FOLDER / "fixtures_further.json").read_text())
NAMES = [one["name"] for one in FITS]


def fitted(one: dict):
    model = Model(
        "gain",
        one["fixed"],
        tuple(one["random"]),
        tuple(one["slopes"]),
        not one.get("ml", False),
        one.get("weights"),
        "1",
    )
    rows = prepare(read_table(FOLDER / f"{one['table']}.csv"), model)
    return model, rows, fit_rows(rows, reml=model.reml)


def in_words_of_r(term: str) -> str:
    found = term.replace("Intercept", "(Intercept)").replace("[T.", "").replace("]", "")
    return found.replace("[", "")


def name_of(component: dict) -> str:
    """R's (1 + x | g) calls its parts (Intercept) and x of g; a nested a/b is b:a."""
    group = component["grp"].rsplit(".", 1)[0]
    group = ":".join(reversed(group.split(":")))
    return f"{component['var1'].replace('(Intercept)', 'Intercept')}|{group}"


@pytest.mark.parametrize("one", FITS, ids=NAMES)
def test_lme4_finds_the_same_likelihood_and_effects(one):
    _, rows, found = fitted(one)
    assert found.n == one["n"]
    assert found.loglik == pytest.approx(one["loglik"], abs=1e-6)
    estimates = dict(zip(map(in_words_of_r, rows.design), found.beta, strict=True))
    errors = np.sqrt(np.diagonal(found.covariance))
    errors = dict(zip(map(in_words_of_r, rows.design), errors, strict=True))
    for term, estimate, error in zip(
        one["terms"], one["estimate"], one["standard_error"], strict=True
    ):
        assert estimates[term] == pytest.approx(estimate, abs=1e-5 * error)
        assert errors[term] == pytest.approx(error, rel=1e-5)
    assert found.residual_variance == pytest.approx(one["residual_variance"], rel=1e-5)


@pytest.mark.parametrize("one", FITS, ids=NAMES)
def test_lme4_finds_the_same_covariances(one):
    _, rows, found = fitted(one)
    written = {
        name: in_words_of_r(name).replace("(Intercept)", "Intercept") for name in found.variances
    }
    ours = {frozenset([written[name]]): value for name, value in found.variances.items()}
    pairs = found.covariances.items()
    ours |= {frozenset(map(written.get, pair)): value for pair, value in pairs}
    correlated = {written[term.name] for term in rows.random if term.block}
    for component in one["covariances"]:
        names = [name_of(component)]
        if component["var2"]:
            names.append(name_of(component | {"var1": component["var2"]}))
        if names[0] not in correlated:
            names = [name.removeprefix("Intercept|") for name in names]
        expected = component["vcov"]
        assert ours.pop(frozenset(names)) == pytest.approx(expected, abs=1e-5 * max(1, expected))
    assert ours == {}


@pytest.mark.parametrize("one", FITS, ids=NAMES)
def test_fitted_values_and_likelihood_ratios_are_those_of_r(one):
    model, rows, found = fitted(one)
    table = fitted_table(rows, found)
    np.testing.assert_allclose(table["fitted"][:5], one["first_fitted"], atol=1e-4)
    np.testing.assert_allclose(table["fitted"] + table["residual"], table["response"])
    ratio = describe(model, rows, found)["likelihood_ratio"]
    assert ratio["df"] == one["likelihood_ratio"]["df"]
    assert ratio["statistic"] == pytest.approx(one["likelihood_ratio"]["statistic"], abs=1e-5)
    assert ratio["p"] == pytest.approx(one["likelihood_ratio"]["p"], rel=1e-4)


JOINT = [one for one in FITS if "joint" in one]


@pytest.mark.parametrize("one", JOINT, ids=[one["name"] for one in JOINT])
def test_pbkrtest_finds_the_same_tests(one):
    model, rows, found = fitted(one)
    told = describe(model, rows, found)
    fixed = {in_words_of_r(row["term"]): row for row in told["fixed"]}
    for term, error, df in zip(
        one["terms"], one["se_kenward_roger"], one["df_kenward_roger"], strict=True
    ):
        assert fixed[term]["se_kenward_roger"] == pytest.approx(error, rel=1e-5)
        assert fixed[term]["df_kenward_roger"] == pytest.approx(df, rel=1e-5)
    joint = {row["term"]: row for row in told["joint"]}
    for expected in one["joint"]:
        row = joint[expected["term"]]
        assert row["numerator_df"] == expected["numerator_df"]
        assert row["denominator_df"] == pytest.approx(expected["denominator_df"], rel=1e-5)
        assert row["f"] == pytest.approx(expected["F"], rel=1e-5)
        assert row["p"] == pytest.approx(expected["p"], rel=1e-4)


def test_few_levels_are_a_warning():
    _, rows, _ = fitted(next(one for one in FITS if one["name"] == "three levels"))
    (sentence,) = rows.warnings
    assert sentence.startswith("the grouping factor of 'kind' has 3 levels")


def test_the_slopes_of_correlated_terms_are_those_of_the_deviance():
    _, _, found = fitted(FITS[1])
    moments, ratios = found.moments, found.ratios * 1.3
    for k, part in enumerate(moments.components):
        step = 1e-5 * np.eye(len(ratios))[k]
        up, down = (moments.deviance(moments.at(ratios + s), True) for s in (step, -step))
        slope = moments.slopes(moments.at(ratios), True)[k] * (1 if part.is_variance else 2)
        assert slope == pytest.approx((up - down) / 2e-5, rel=1e-4, abs=1e-5)


def test_two_bars_are_a_slope_without_correlation():
    table = pd.read_csv(FOLDER / "correlated.csv")
    apart = Model("gain", "similarity", ("intermediate",), ("similarity|intermediate",))
    bars = Model("gain", "similarity", (), ("1 + similarity||intermediate",))
    first, second = (fit_rows(prepare(table, model)) for model in (apart, bars))
    assert first.loglik == pytest.approx(second.loglik, abs=1e-8)
    assert second.covariances == {}


def test_kenward_roger_with_weights_is_that_of_the_rows_by_rows_matrices():
    """Written out as Kenward & Roger (1997) have it; pbkrtest leaves weights out of account."""
    _, rows, found = fitted(next(one for one in FITS if one["name"] == "weights"))
    x, scale = rows.design.to_numpy(), found.residual_variance
    parts = [np.diag(1 / rows.weights)]
    for term in rows.random:
        columns = np.eye(term.codes.max() + 1)[term.codes]
        parts.append(columns @ columns.T)
    sizes = [scale, *(found.variances[term.name] for term in rows.random)]
    inverse = np.linalg.inv(sum(size * part for size, part in zip(sizes, parts, strict=True)))
    phi = np.linalg.inv(x.T @ inverse @ x)
    projection = inverse - inverse @ x @ phi @ x.T @ inverse
    scaled = [projection @ part for part in parts]
    information = np.array([[np.trace(a @ b) for b in scaled] for a in scaled]) / 2
    single = [x.T @ inverse @ part @ inverse @ x for part in parts]
    weights = np.linalg.inv(information)
    bias = sum(
        weights[r, s]
        * (
            x.T @ inverse @ parts[r] @ inverse @ parts[s] @ inverse @ x
            - single[r] @ phi @ single[s]
        )
        for r in range(len(parts))
        for s in range(len(parts))
    )
    adjusted = phi + 2 * phi @ bias @ phi
    for k, unit in enumerate(np.eye(len(found.beta))):
        test = kenward_roger(found, unit)
        gradient = np.array([(phi @ one @ phi)[k, k] for one in single])
        assert test.standard_error == pytest.approx(np.sqrt(adjusted[k, k]), rel=1e-6)
        assert test.df == pytest.approx(
            2 * phi[k, k] ** 2 / (gradient @ weights @ gradient), rel=1e-6
        )
