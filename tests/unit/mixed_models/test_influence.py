"""Rows left out in one step, against fits without them."""

import numpy as np
import pandas as pd
import pytest

from helpers.mixed_reference import FITS, FOLDER, design, random_terms, read
from mixed_models.fit import RandomTerm, fit, fit_at
from mixed_models.influence import leave_out


def kept_terms(terms: list[RandomTerm], kept: np.ndarray) -> list[RandomTerm]:
    return [
        RandomTerm(
            term.name,
            np.unique(term.codes[kept], return_inverse=True)[1],
            None if term.covariate is None else term.covariate[kept],
            term.block,
        )
        for term in terms
    ]


def correlated():
    table = pd.read_csv(FOLDER / "correlated.csv")
    codes = {name: pd.factorize(table[name])[0] for name in ("intermediate", "target")}
    x = table["similarity"].to_numpy()
    terms = [
        RandomTerm("i", codes["intermediate"], None, "i"),
        RandomTerm("x|i", codes["intermediate"], x, "i"),
        RandomTerm("t", codes["target"]),
    ]
    columns = np.column_stack([np.ones(len(table)), x, table["low"]])
    return table["gain"].to_numpy(), columns, terms, table["size"].to_numpy()


def plain(name: str):
    one = next(one for one in FITS if one["table"] == name and one["reml"])
    table = read(one)
    return table["gain"].to_numpy(), design(table, one), random_terms(table, one), None


PROBLEMS = {
    "dyads": lambda: plain("dyads"),
    "a component of zero": lambda: plain("missing_dyads"),
    "rows": lambda: plain("random_slope"),
    "correlated, weighted": correlated,
}


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("reml", [True, False])
def test_it_is_the_fit_without_them_at_the_same_ratios(name, reml):
    y, x, terms, weights = PROBLEMS[name]()
    found = fit(y, x, terms, reml=reml, weights=weights)
    for term in terms[:2]:
        left = leave_out(found, y, x, terms, term.codes, weights=weights)
        for level in range(term.codes.max() + 1):
            kept = term.codes != level
            less = None if weights is None else weights[kept]
            again = fit_at(found, y[kept], x[kept], kept_terms(terms, kept), weights=less)
            np.testing.assert_allclose(left.beta[level], again.beta, rtol=1e-6, atol=1e-9)
            errors = np.sqrt(np.diagonal(again.covariance))
            np.testing.assert_allclose(left.standard_errors[level], errors, rtol=1e-6)


@pytest.mark.parametrize("name", PROBLEMS)
def test_it_is_near_the_fit_that_estimates_the_variances_again(name):
    y, x, terms, weights = PROBLEMS[name]()
    found = fit(y, x, terms, weights=weights)
    left = leave_out(found, y, x, terms, terms[0].codes, weights=weights)
    errors = np.sqrt(np.diagonal(found.covariance))
    for level in range(terms[0].codes.max() + 1):
        kept = terms[0].codes != level
        less = None if weights is None else weights[kept]
        rows = y[kept], x[kept], kept_terms(terms, kept)
        again = fit(*rows, weights=less)
        np.testing.assert_array_less(np.abs(left.beta[level] - again.beta), 0.5 * errors)
        warm = fit(*rows, weights=less, start=found)
        assert warm.loglik == pytest.approx(again.loglik, abs=1e-6)
        np.testing.assert_allclose(warm.beta, again.beta, atol=2e-4 * errors.max())


def test_a_coefficient_of_the_rows_left_out_is_unknown_without_them():
    y, x, terms, _ = plain("dyads")
    codes = terms[0].codes
    x = np.column_stack([x[:, :2], (codes == 0).astype(float)])
    terms = [term for term in terms if term.name.endswith("target")]
    left = leave_out(fit(y, x, terms), y, x, terms, codes)
    assert np.isnan(left.beta[0]).all()
    assert np.isfinite(left.beta[1:]).all()


def test_all_rows_but_a_few_cannot_be_left_out():
    y, x, terms, _ = plain("dyads")
    left = leave_out(fit(y, x, terms), y, x, terms, np.zeros(81, dtype=int))
    assert np.isnan(left.beta).all()
