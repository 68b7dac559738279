"""The headline test: what it finds, what it does not, and what same-data dyads do to it."""

import numpy as np
import pytest
import statsmodels.formula.api as smf
from scenarios import Scenario, simulate

from mixed_models.denominator_df import kenward_roger
from xstilts.inference.analyses.crossed import NAIVE, fit_rows, naive_test, second_opinion
from xstilts.inference.analyses.headline import (
    SIMILARITY,
    SLOPES,
    design_of,
    dyad_terms,
    enough_tasks,
    fit_dyads,
    fit_without_zero,
    permute,
)
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity


def table_of(study):
    rows = seed_means(study.gains)
    table, _ = dyads(rows, task_similarity(study.similarity, "text_embedding"))
    return rows, table


def test_without_variance_between_tasks_it_is_least_squares():
    # Both tasks' effects and slopes are taken out, so that only the residual is left.
    _, table = table_of(simulate(Scenario(slope=0.5), 1))
    table["rest"] = (
        smf.ols("gain_scaled ~ C(intermediate) * similarity_standardised + C(target)", table)
        .fit()
        .resid
        + 0.4 * table["similarity_centred"]
    )
    found = fit_dyads(table, "rest", "similarity_centred").kenward_roger("similarity_centred")
    plain = smf.ols("rest ~ similarity_centred", table).fit()
    assert found.estimate == pytest.approx(plain.params["similarity_centred"], rel=1e-6)
    assert found.p < 0.05


def test_same_data_dyads_change_the_slope_only_without_their_flag():
    study = simulate(Scenario(slope=0.0), 11)
    pairs = [("mnli", "xnli"), ("squad_v1", "xquad"), ("squad_v1", "mlqa")]
    for name, amount in (("gains", 12.0), ("similarity", 4.0)):
        table = getattr(study, name)
        hit = [pair in pairs for pair in zip(table["intermediate"], table["target"], strict=True)]
        column = "gain" if name == "gains" else "similarity"
        table.loc[hit, column] += amount
        if name == "gains":
            table["same_data"] = hit
    _, flagged = table_of(study)
    _, unflagged = table_of(
        type(study)(study.gains.assign(same_data=False), study.similarity, study.languages)
    )
    _, without = table_of(
        type(study)(study.gains[~study.gains["same_data"]], study.similarity, study.languages)
    )
    slopes = {
        name: fit_dyads(each).kenward_roger(SIMILARITY).estimate
        for name, each in {"flag": flagged, "no flag": unflagged, "without": without}.items()
    }
    assert abs(slopes["flag"] - slopes["without"]) < 0.15
    assert slopes["no flag"] > slopes["without"] + 0.3
    (tested,) = permute(flagged, "gain_scaled", [SIMILARITY], permutations=999, seed=1)
    assert tested.p > 0.05


def test_a_strong_slope_is_found_by_both(simulated):
    _, table = table_of(simulated)
    assert fit_dyads(table).kenward_roger(SIMILARITY).p < 0.05
    (tested,) = permute(table, "gain_scaled", [SIMILARITY], permutations=999, seed=1)
    assert tested.p < 0.01


@pytest.fixture(scope="module")
def with_slopes():
    """A study in which tasks' slopes are estimated to differ on both sides."""
    _, table = table_of(simulate(Scenario(slope=0.3, slope_spread=0.6), 5))
    fitted = fit_dyads(table)
    assert set(SLOPES) <= set(fitted.fit.variances)
    return table, fitted


def test_models_with_and_without_each_slope_are_averaged(with_slopes):
    _, fitted = with_slopes
    models = [fitted.fit, *(model for model, _ in fitted.smaller)]
    kept = [set(SLOPES) & set(each.variances) for each in models]
    assert kept == [set(SLOPES), {SLOPES[0]}, {SLOPES[1]}, set()]
    found = fitted.kenward_roger(SIMILARITY)
    parts = [kenward_roger(each, fitted.contrast(SIMILARITY)) for each in models]
    logliks = np.array([each.loglik for each in models])
    weights = np.exp(logliks - logliks[0] - 0.5 * np.array([2, 1, 1, 0]))
    assert found.estimate == pytest.approx(np.average([p.estimate for p in parts], weights=weights))
    assert min(p.p for p in parts) < found.p < max(p.p for p in parts)


@pytest.mark.parametrize("seed", range(6))
def test_no_model_is_fitted_twice(seed):
    # Half of the slopes are zero here: what their models would be is known from larger ones.
    _, table = table_of(simulate(Scenario(), seed))
    fitted = fit_dyads(table)
    design, _ = design_of(table, [SIMILARITY])
    random = dyad_terms(table, SIMILARITY)
    for model, left_out in zip(
        (model for model, _ in fitted.smaller), ({SLOPES[1]}, {SLOPES[0]}, set(SLOPES)), strict=True
    ):
        terms = [term for term in random if term.name not in left_out]
        again, _ = fit_without_zero(table["gain_scaled"].to_numpy(float), design, terms)
        assert model.loglik == pytest.approx(again.loglik, abs=1e-6)
        assert model.beta == pytest.approx(again.beta, abs=1e-3)


def test_another_mean_slope_moves_estimate_and_interval_alone(with_slopes):
    table, fitted = with_slopes
    steeper = table.assign(gain_scaled=table["gain_scaled"] + 0.7 * table[SIMILARITY])
    before, after = (each.kenward_roger(SIMILARITY) for each in (fitted, fit_dyads(steeper)))
    for name in ("estimate", "low", "high"):
        assert getattr(after, name) == pytest.approx(getattr(before, name) + 0.7, abs=1e-4)


def test_scale_of_gains_does_not_matter(simulated):
    _, table = table_of(simulated)
    other = simulated.gains.assign(gain=simulated.gains["gain"] / 100)
    _, hundredth = table_of(type(simulated)(other, simulated.similarity, simulated.languages))
    first, second = (fit_dyads(each).kenward_roger(SIMILARITY) for each in (table, hundredth))
    assert first.estimate == pytest.approx(second.estimate, rel=1e-4)
    assert first.p == pytest.approx(second.p, rel=1e-3)


def test_the_naive_model_is_far_too_sure(simulated):
    rows, table = table_of(simulated)
    by_row = standardised_rows(rows, table)
    naive = naive_test(fit_rows(by_row, NAIVE))
    honest = fit_dyads(table).kenward_roger(SIMILARITY)
    assert naive.standard_error < honest.standard_error / 1.3
    assert naive.df > 5 * honest.df


def test_naive_model_is_statsmodels_with_dyad_fixed_at_zero(simulated):
    rows, table = table_of(simulated)
    by_row = standardised_rows(rows, table)
    fitted = smf.mixedlm(
        "gain_scaled ~ similarity_standardised",
        by_row,
        groups=np.ones(len(by_row)),
        vc_formula={name: f"0 + C({name})" for name in NAIVE},
    ).fit()
    ours = fit_rows(by_row, NAIVE)
    assert ours.fit.loglik == pytest.approx(fitted.llf, abs=1e-2)
    assert naive_test(ours).estimate == pytest.approx(fitted.fe_params.iloc[1], rel=1e-2)


def test_statsmodels_agrees_on_the_full_model(simulated):
    rows, table = table_of(simulated)
    by_row = standardised_rows(rows, table)
    found = second_opinion(by_row, fit_rows(by_row))
    assert found.accepted is True


def test_constant_and_collinear_terms_leave_the_design(simulated):
    _, table = table_of(simulated)
    table = table.assign(twice=2 * table[SIMILARITY], flat=1.0)
    design, terms = design_of(table, ["flat", SIMILARITY, "twice", "same_data"])
    assert terms == ("intercept", SIMILARITY)
    assert design.shape == (len(table), 2)


@pytest.mark.parametrize("column", ["intermediate", "target"])
def test_four_tasks_are_too_few(simulated, column):
    _, table = table_of(simulated)
    few = table[table[column].isin(sorted(set(table[column]))[:4])]
    assert "at least 5" in enough_tasks(few)
    assert enough_tasks(table) is None
