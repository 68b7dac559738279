"""Equivalence, power, noise ceiling, variance, low-resource contrasts: each against another way."""

import numpy as np
import pandas as pd
import pytest
from scenarios import Scenario, simulate
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from mixed_models.denominator_df import Test
from xstilts.inference.analyses.ceiling import (
    noise_ceiling,
    seed_components,
    split_seed_spearman,
    stated_components,
)
from xstilts.inference.analyses.crossed import CROSSED, random_terms
from xstilts.inference.analyses.equivalence import equivalence
from xstilts.inference.analyses.headline import fit_dyads
from xstilts.inference.analyses.low_resource import dyad_contrasts, fit_interaction, with_languages
from xstilts.inference.analyses.power import power, smallest_detectable
from xstilts.inference.analyses.shrinkage import shrunken_gains
from xstilts.inference.analyses.variance import explained, variance_shares
from xstilts.inference.dyads import dyads, seed_means, standardised_rows, task_similarity


def of_sample(values: np.ndarray) -> Test:
    """The t-test of a mean as a `Test`."""
    result = stats.ttest_1samp(values, 0.0)
    ends = result.confidence_interval()
    error = stats.sem(values)
    t, p, df = result.statistic, result.pvalue, result.df
    return Test(values.mean(), error, df, t, p, ends.low, ends.high)


def tables(study):
    rows = seed_means(study.gains)
    table, _ = dyads(rows, task_similarity(study.similarity, "text_embedding"))
    return rows, table


def test_equivalence_is_two_one_sided_tests():
    values = np.random.default_rng(1).normal(-0.1, 1, 40)
    test = of_sample(values)
    for row in equivalence(test, [0.2, 0.5, 0.8]):
        expected, *_ = DescrStatsW(values).ttost_mean(-row["bound"], row["bound"])
        assert row["p"] == pytest.approx(expected)
        assert row["equivalent"] == (expected < 0.05)
        assert row["equivalent"] == (row["bound"] > row["smallest_bound"])


@pytest.mark.parametrize("df", [7.0, 30.0, 1e6])
def test_smallest_detectable_slope_is_found_in_four_of_five(df):
    test = Test(0.0, 0.2, df, 0.0, 1.0, -0.4, 0.4)
    slope = smallest_detectable(test)
    critical = stats.t.ppf(0.975, df)
    found = stats.nct.sf(critical, df, slope / 0.2)
    # t(.975) + t(.8) is an approximation that errs little, and on the safe side, for few degrees.
    assert found == pytest.approx(0.8, abs=0.03)


def test_power_grows_with_tasks_and_hardly_with_seeds(simulated):
    _, table = tables(simulated)
    noise = {"dyad": 0.5, "run": 0.25}
    found = pd.DataFrame(power(table, fit_dyads(table), noise, 2, seed=1))
    smallest = found.set_index(["intermediates", "targets", "seeds"])["smallest_detectable_slope"]
    assert found.iloc[0].tolist()[:3] == [9, 6, 2]
    assert smallest[20, 20, 2] < smallest[9, 9, 2]
    assert smallest[42, 11, 2] < smallest[9, 9, 2]
    assert smallest[9, 6, 10] > 0.6 * smallest[9, 6, 1]


def repeated(dyad: float, run: float, seeds: int, size: int = 16) -> pd.DataFrame:
    random = np.random.default_rng(2)
    shape = (size, size, seeds)
    values = dyad * random.normal(size=(size, size, 1)) + run * random.normal(size=shape)
    values = values + random.normal(size=(size, 1, 1)) + 2 * random.normal(size=(1, size, seeds))
    row, column, seed = (index.ravel() for index in np.indices(shape))
    return pd.DataFrame(
        {"intermediate": row, "target": column, "seed": seed, "gain_scaled": values.ravel()}
    )


def test_noise_components_are_recovered():
    found = seed_components(repeated(1.0, 0.7, 3), "gain_scaled")
    assert found["dyad"] == pytest.approx(1.0, rel=0.2)
    assert found["run"] == pytest.approx(0.49, rel=0.2)


def test_a_stated_deviation_tells_dyads_from_runs_of_one_seed():
    one = repeated(1.0, 0.7, 1, size=24).assign(gain_scale=2.0)
    table = one.assign(gain=2 * one["gain_scaled"])
    stated = {"value": 1.4, "source": "elsewhere"}
    found = stated_components(table, stated, "gain_scaled")
    assert found["run"] == pytest.approx(0.49) and found["dyad"] == pytest.approx(1.0, rel=0.2)
    points = stated_components(table, stated, "gain")
    assert points["run"] == pytest.approx(1.96)
    assert points["dyad"] == pytest.approx(4 * found["dyad"], rel=1e-4)
    assert stated_components(table, None, "gain_scaled") is None
    assert stated_components(table, stated | {"value": {0: 1.4}}, "gain_scaled") is None
    # Runs that are said to vary more than the gains do: nothing is left for the dyads.
    assert stated_components(table, stated | {"value": 9.0}, "gain_scaled")["dyad"] == 0


def test_shrunken_gains_of_one_seed_are_nearer_to_the_truth_than_raw_ones():
    study = simulate(Scenario(run=1.0), 3, languages_of=dict.fromkeys("abcdefghi", 20))
    again = simulate(Scenario(run=0.0), 3, languages_of=dict.fromkeys("abcdefghi", 20))
    (_, table), (_, truth) = tables(study), tables(again)
    noise = stated_components(table, {"value": 1.0, "source": "x"}, "gain_scaled")
    shrunken = shrunken_gains(table, noise, 1) - truth["gain"]
    raw = table["gain"] - truth["gain"]
    assert (shrunken**2).mean() < 0.85 * (raw**2).mean()


@pytest.mark.parametrize("seeds", [2, 3, 4])
def test_split_seeds_correlate_as_their_reliability_says(seeds):
    half = seeds // 2
    expected = 1 / (1 + 0.49 / half)
    # Ranks of normal values correlate a little less than the values do.
    assert split_seed_spearman(repeated(1.0, 0.7, seeds)) == pytest.approx(expected, abs=0.08)


def test_one_seed_has_no_ceiling(simulated):
    one = simulated.gains.query("seed == 1")
    _, table = tables(type(simulated)(one, simulated.similarity, simulated.languages))
    by_seed = table.rename(columns={"seeds": "seed"})
    found = pd.DataFrame(noise_ceiling(by_seed, table, None)).set_index("quantity")
    assert found.loc["correlation_observed", "value"] == pytest.approx(
        np.corrcoef(table["gain_centred"], table["similarity_centred"])[0, 1]
    )
    others = found.drop(index="correlation_observed")
    assert others["value"].isna().all()
    assert others["note"].str.contains("two seeds").all()


def test_variance_shares_of_a_known_study():
    study = simulate(Scenario(dyad=2.0), 4, seeds=2, languages_of=dict.fromkeys("abcdefghi", 20))
    rows, _ = tables(study)
    found = variance_shares(rows, 0.25, 2).set_index("component")
    assert found["share"].sum() == pytest.approx(1)
    assert found.loc["dyad", "variance"] == pytest.approx(4.0, rel=0.4)
    assert found.loc["run", "variance"] == 0.25
    # The residual 0.8 is averaged over two seeds.
    assert found.loc["residual", "variance"] == pytest.approx(0.32, rel=0.1)
    assert found.loc["target:language", "variance"] == pytest.approx(0.49, rel=0.25)


def test_similarity_explains_all_or_nothing(simulated):
    _, table = tables(simulated)
    perfect = table.assign(
        gain_scaled=table["similarity_standardised"]
        + 1e-3 * np.random.default_rng(1).normal(size=len(table))
    )
    assert explained(perfect)["partial_r2_similarity"] > 0.999
    assert explained(perfect)["r2_marginal"] > 0.999
    noise = table.assign(gain_scaled=np.random.default_rng(2).normal(size=len(table)))
    assert explained(noise)["r2_marginal"] < 0.1


def test_contrast_of_a_dyad_is_its_least_squares_slope(simulated):
    rows, table = tables(simulated)
    known = with_languages(standardised_rows(rows, table), simulated.languages)
    found = dyad_contrasts(known, table, "log10_pretraining_size")
    deviation = known["log10_pretraining_size"].std()
    dyad = found.iloc[7]
    own = known[
        (known["intermediate"] == dyad["intermediate"]) & (known["target"] == dyad["target"])
    ]
    fitted = stats.linregress(own["log10_pretraining_size"] / deviation, own["gain_scaled"])
    assert dyad["contrast"] == pytest.approx(fitted.slope)


def test_unseen_languages_and_those_of_unknown_size_are_left_out(simulated):
    rows, table = tables(simulated)
    languages = simulated.languages.copy()
    languages.loc[languages["language"] == "l00", "in_pretraining"] = 0
    languages.loc[languages["language"] == "l01", "pretraining_GiB"] = np.nan
    known = with_languages(standardised_rows(rows, table), languages)
    assert set(known["language"]) == {f"l{code:02d}" for code in range(2, 8)}


def test_a_true_interaction_is_found():
    study = simulate(
        Scenario(interaction=-0.4, resource_slopes=0.2),
        6,
        languages_of=dict.fromkeys("abcdefg", 12),
    )
    rows, table = tables(study)
    known = with_languages(standardised_rows(rows, table), study.languages)
    test = fit_interaction(known, "log10_pretraining_size").kenward_roger(
        "similarity:log10_pretraining_size"
    )
    assert test.estimate < 0
    assert test.p < 0.05


@pytest.mark.parametrize("spread", [0.0, 0.8])
def test_tasks_slopes_over_languages_stay_where_they_differ_and_dyads_always(spread):
    scenario = Scenario(resource_slopes=0.5, task_resource_slopes=spread)
    study = simulate(scenario, 4, languages_of=dict.fromkeys("abcdefg", 12))
    rows, table = tables(study)
    known = with_languages(standardised_rows(rows, table), study.languages)
    fitted = fit_interaction(known, "log10_pretraining_size")
    there = {name for name in fitted.fit.variances if name.startswith("log10_pretraining_size|")}
    of_tasks = {f"log10_pretraining_size|{side}" for side in ("intermediate", "target")}
    assert there - of_tasks == {"log10_pretraining_size|dyad"}
    assert of_tasks - there == of_tasks & {*fitted.alike, *fitted.zero}
    assert (there >= of_tasks) == (spread > 0)


def test_groupings_that_are_alike_share_no_variance():
    """With one language, target and target by language are the same."""
    names = [f"t{k}" for k in range(4)]
    rows = pd.MultiIndex.from_product([names, names, ["all"]])
    rows = rows.set_names(["intermediate", "target", "language"]).to_frame(index=False)
    found = [term.name for term in random_terms(rows, tuple(CROSSED))]
    assert found == ["intermediate", "target"]
