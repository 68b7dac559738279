import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from helpers.mixed_reference import FITS, NAMES, design, random_terms, read, refit
from mixed_models.denominator_df import kenward_roger
from mixed_models.errors import ModelError
from mixed_models.fit import RandomTerm, fit

DYADS = FITS[0]


@pytest.mark.parametrize("one", FITS, ids=NAMES)
def test_lme4_finds_the_same(one):
    found = refit(one)
    errors = np.sqrt(np.diagonal(found.covariance))
    assert found.n == one["n"]
    assert found.loglik == pytest.approx(one["loglik"], abs=1e-6)
    np.testing.assert_allclose(errors, one["standard_error"], rtol=1e-5)
    np.testing.assert_array_less(np.abs(found.beta - one["estimate"]) / errors, 1e-5)
    assert found.residual_variance == pytest.approx(one["residual_variance"], rel=1e-5)
    for name, variance in one["variances"].items():
        assert found.variances[name] == pytest.approx(variance, abs=1e-5 * found.residual_variance)
    assert bool(found.dropped) == one["singular"]
    assert all(one["variances"][name] < 1e-6 for name in found.dropped)


def test_the_zero_components_are_named():
    found = refit(next(one for one in FITS if one["table"] == "missing_dyads"))
    assert found.dropped == ("similarity|intermediate",)
    assert found.variances["similarity|intermediate"] == 0


@settings(max_examples=15, deadline=None)
@given(
    scale=st.sampled_from([1e-4, 0.01, 1.0, 1000.0]),
    offset=st.floats(-1e6, 1e6),
    stretch=st.sampled_from([1e-3, 1.0, 1e4]),
    shift=st.floats(-1e5, 1e5),
)
def test_units_do_not_matter(scale, offset, stretch, shift):
    table = read(DYADS)
    terms, columns = random_terms(table, DYADS)[:2], design(table, DYADS)
    plain = fit(table["gain"], columns, terms)
    moved = columns.copy()
    moved[:, 1] = stretch * columns[:, 1] + shift
    other = fit(scale * table["gain"] + offset * scale, moved, terms)
    assert other.beta[1] * stretch / scale == pytest.approx(plain.beta[1], rel=1e-4)
    errors = [np.sqrt(one.covariance[1, 1]) for one in (plain, other)]
    assert errors[1] * stretch / scale == pytest.approx(errors[0], rel=1e-4)
    for name, variance in plain.variances.items():
        assert other.variances[name] / scale**2 == pytest.approx(variance, rel=1e-3)
    freedom = 81 - 3
    expected = plain.loglik - freedom * np.log(scale) - np.log(stretch)
    assert other.loglik == pytest.approx(expected, abs=1e-3)


@settings(max_examples=12, deadline=None)
@example(seed=2203, reml=True)
@given(seed=st.integers(0, 10**6), reml=st.booleans())
def test_no_other_variances_are_more_likely(seed, reml):
    random = np.random.default_rng(seed)
    g, h = random.integers(0, 6, size=60), random.integers(0, 8, size=60)
    x = random.normal(size=60)
    sizes = random.choice([0.0, 0.1, 1.0, 5.0], size=3)
    response = random.normal(size=60) + sizes[0] * random.normal(size=6)[g]
    response += sizes[1] * random.normal(size=8)[h] + sizes[2] * random.normal(size=8)[h] * x
    terms = [RandomTerm("g", g), RandomTerm("h", h), RandomTerm("x|h", h, x)]
    found = fit(response, np.column_stack([np.ones(60), x]), terms, reml=reml)
    best = found.moments.deviance(found.moments.at(found.ratios), reml)
    factors = np.exp(random.normal(size=(25, 3))) * random.integers(0, 2, size=(25, 3))
    for other in [*(found.ratios * factors), *(factors * 0.3), *(found.ratios + factors * 0.01)]:
        assert found.moments.deviance(found.moments.at(other), reml) > best - 1e-5


def test_sparse_products_are_the_dense_ones(monkeypatch):
    one = next(one for one in FITS if one["table"] == "crossed_small")
    dense = refit(one)
    monkeypatch.setattr("mixed_models.random_terms.SPARSE", 1.0)
    found = refit(one)
    assert sparse.issparse(found.moments.products.cross)
    assert not sparse.issparse(dense.moments.products.cross)
    assert found.loglik == pytest.approx(dense.loglik, abs=1e-9)
    kernels = [one.moments.kernel(dense.ratios) for one in (found, dense)]
    for part in ("diagonal", "low", "beside", "others"):
        np.testing.assert_allclose(*(getattr(one, part) for one in kernels))
    contrast = np.array([0.0, 1.0, 0.0, 0.0])
    tests = [kenward_roger(one, contrast) for one in (found, dense)]
    assert tests[0].df == pytest.approx(tests[1].df, rel=1e-5)


@pytest.mark.parametrize("reml", [True, False])
def test_the_slopes_are_those_of_the_deviance(reml):
    moments = refit(DYADS).moments
    ratios = np.array([0.3, 1.2, 0.05, 2.0])
    slopes = moments.slopes(moments.at(ratios), reml)
    for k in range(4):
        step = 1e-5 * np.eye(4)[k]
        up, down = (moments.deviance(moments.at(ratios + s), reml) for s in (step, -step))
        assert slopes[k] == pytest.approx((up - down) / 2e-5, rel=1e-5)


def test_the_likelihood_is_that_of_the_normal_distribution():
    """Against the n x n covariance written out, at the estimated variances."""
    one = next(one for one in FITS if one["table"] == "dyads" and not one["reml"])
    found, table = refit(one), read(one)
    covariance = found.residual_variance * np.eye(81)
    for term in random_terms(table, one):
        columns = np.eye(9)[term.codes] * (1 if term.covariate is None else term.covariate[:, None])
        covariance += found.variances[term.name] * columns @ columns.T
    residuals = table["gain"] - design(table, one) @ found.beta
    inside = residuals @ np.linalg.solve(covariance, residuals)
    logarithm = np.linalg.slogdet(2 * np.pi * covariance)[1]
    assert found.loglik == pytest.approx(-0.5 * (inside + logarithm), abs=1e-8)
    name, codes = "intermediate", random_terms(table, one)[0].codes
    expected = found.variances[name] * np.eye(9)[codes].T @ np.linalg.solve(covariance, residuals)
    np.testing.assert_allclose(found.modes[name], expected, atol=1e-8)


def test_without_random_terms_it_is_least_squares():
    table = read(DYADS)
    columns = design(table, DYADS)
    found = fit(table["gain"], columns, [])
    np.testing.assert_allclose(found.beta, np.linalg.lstsq(columns, table["gain"])[0])
    rest = table["gain"] - columns @ found.beta
    assert found.residual_variance == pytest.approx(rest @ rest / 78)


def test_a_start_at_zero_is_left():
    """At zero the deviance has no slope in the standard deviation, only in the variance."""
    found = refit(DYADS)
    at_zero = found.moments.slopes(found.moments.at(np.zeros(4)), True)
    assert (at_zero < 0).any()
    assert found.dropped == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y, x, g: (np.where(g == 0, np.nan, y), x, g), "not finite"),
        (lambda y, x, g: (y, np.column_stack([x, x[:, 1] * 2 - 3]), g), "collinear"),
        (lambda y, x, g: (y, x, np.arange(81)), "every row has a level"),
        (lambda y, x, g: (y[:3], x[:3], g[:3]), "3 rows are too few"),
        (lambda y, x, g: (x @ [1.0, 2.0, 3.0], x, g), "without residual"),
        (lambda y, x, g: (y, np.eye(9)[g], g), "a combination of the fixed effects"),
        (lambda y, x, g: (np.sin(g * 5.0), x[:, :1], g), "residual variance is estimated zero"),
    ],
)
def test_what_cannot_be_fitted_is_said(change, message):
    table = read(DYADS)
    response, columns, codes = change(
        table["gain"].to_numpy(), design(table, DYADS), random_terms(table, DYADS)[0].codes
    )
    with pytest.raises(ModelError, match=message):
        fit(response, columns, [RandomTerm("g", codes)])
