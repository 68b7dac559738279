"""The headline test: what it finds, what it does not, and what same-data dyads do to it."""

import numpy as np
import pytest
import statsmodels.formula.api as smf
from scenarios import Scenario, simulate

from xstilts.inference.analyses.crossed import NAIVE, fit_rows, naive_test, second_opinion
from xstilts.inference.analyses.effects import Settings, headline_effects
from xstilts.inference.analyses.headline import (
    SIMILARITY,
    SLOPES,
    design_of,
    dyad_terms,
    enough_tasks,
    fit_dyads,
    permute,
)
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity
from xstilts.inference.engine import fit


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


def models_with_and_without(table):
    """Log-likelihood of the model with each subset of the slopes, fitted from scratch."""
    design, _ = design_of(table, [SIMILARITY])
    values, random = table["gain_scaled"].to_numpy(float), dyad_terms(table, SIMILARITY)
    return {
        kept: fit(values, design, [t for t in random if t.name not in SLOPES or t.name in kept])
        for kept in (SLOPES, SLOPES[:1], SLOPES[1:], ())
    }


@pytest.mark.parametrize("spread", [0.0, 0.4])
@pytest.mark.parametrize("seed", range(5))
def test_slopes_stay_where_they_add_enough_to_the_likelihood(spread, seed):
    _, table = table_of(simulate(Scenario(slope_spread=spread), seed))
    models = models_with_and_without(table)
    criterion = {kept: 2 * each.loglik - len(kept) for kept, each in models.items()}
    chosen = max(criterion, key=criterion.get)
    fitted = fit_dyads(table)
    assert set(fitted.fit.variances) & set(SLOPES) == set(chosen)
    assert fitted.fit.loglik == pytest.approx(models[chosen].loglik, abs=1e-6)
    assert set(fitted.alike) | set(fitted.zero) >= set(SLOPES) - set(chosen)


def test_slopes_that_differ_much_stay_and_slopes_that_do_not_go():
    kept = {}
    for spread in (0.0, 1.0):
        tables = [table_of(simulate(Scenario(slope_spread=spread), seed))[1] for seed in range(8)]
        kept[spread] = [len(set(SLOPES) & set(fit_dyads(each).fit.variances)) for each in tables]
    assert np.mean(kept[1.0]) > 1.6
    assert np.mean(kept[0.0]) < 0.6


def test_a_slope_that_is_left_out_is_told(simulated):
    _, table = table_of(simulate(Scenario(), 1))
    noted = []
    for seed in range(6):
        rest = np.random.default_rng(seed).normal(size=len(table))
        fitted = fit_dyads(table.assign(gain_scaled=rest))
        rows = headline_effects(table.assign(gain_scaled=rest), Settings(99, 1))
        note = next(row["note"] for row in rows if row["method"] == "kenward_roger")
        for name in fitted.alike:
            assert f"left out: {', '.join(fitted.alike)}" in note
            noted.append(name)
    assert noted


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
