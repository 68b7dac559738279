"""Several encoders as replicates: joint tables, agreement, variance, and the inference on them."""

import numpy as np
import pandas as pd
import pytest
from scenarios import INTERMEDIATES, SMALL, Scenario, simulate

from xstilts.inference.any_table import SETTINGS
from xstilts.inference.dyads import DYAD
from xstilts.inference.encoder_tables import ENCODER_TABLES, OVER_ALL
from xstilts.inference.encoders import (
    OfEncoder,
    agreement,
    as_replicates,
    common_share,
    dyads_of,
    join,
    mean_similarity,
    shared_languages,
    variance,
)

CONFIG = SETTINGS | {"permutations": 199, "bootstrap": 50, "primary_measure": "text_embedding"}


def encoders(common: float, count: int = 2, seeds: int = 1, run: float = 0.0) -> dict:
    """Gains of encoders that share so much of the variance of every effect."""
    shared = simulate(Scenario(run=0.0), 1, seeds=seeds).gains
    found = {}
    for place in range(count):
        own = simulate(Scenario(run=run / np.sqrt(1 - common)), 50 + place, seeds=seeds).gains
        mixed = np.sqrt(common) * shared["gain"] + np.sqrt(1 - common) * own["gain"]
        found[f"encoder{place}"] = shared.assign(gain=mixed, low=mixed - 1, high=mixed + 1)
    return found


def test_replicates_are_the_means_over_seeds_numbered_by_encoder():
    gains = encoders(0.5, seeds=3)
    table, problems = as_replicates(gains)
    assert problems == []
    assert len(table) == 2 * len(gains["encoder0"]) / 3
    row = ("mnli", "xnli", "l03")
    for number, own in enumerate(gains.values(), start=1):
        keys = [*DYAD, "language"]
        expected = own[(own[keys] == row).all(axis=1)]["gain"]
        assert len(expected) == 3
        found = table[(table[keys] == row).all(axis=1) & (table["seed"] == number)]
        assert found["gain"].item() == pytest.approx(expected.mean())
        assert found["high"].item() - found["gain"].item() == pytest.approx(1)


def test_what_an_encoder_lacks_is_left_out_of_all_and_told():
    first, second = encoders(0.5).values()
    second = second[~((second["intermediate"] == "mnli") & (second["target"] == "xnli"))].copy()
    second.loc[second.index[0], "gain"] = np.nan
    table, (problem,) = as_replicates({"a": first, "b": second})
    languages = first["language"][first["target"] == "xnli"].nunique()
    assert problem.startswith(f"b has no gain in {languages + 1} of {len(first)} pairs of tasks")
    assert table.groupby("seed").size().tolist() == [len(first) - languages - 1] * 2
    assert not ((table["intermediate"] == "mnli") & (table["target"] == "xnli")).any()


def test_measures_of_text_keep_their_values_and_others_are_put_on_one_scale():
    table = simulate(Scenario(), 3).similarity
    mean = mean_similarity({"a": table, "b": table})
    for name in ("similarity", "low", "high", "reliability"):
        np.testing.assert_allclose(mean[name], table[name])
    other = table.assign(**{name: 40 * table[name] - 7 for name in ("similarity", "low", "high")})
    mixed = mean_similarity({"a": table, "b": other})
    assert np.corrcoef(mixed["similarity"], table["similarity"])[0, 1] == pytest.approx(1)
    both = [table["similarity"], other["similarity"]]
    assert mixed["similarity"].mean() == pytest.approx(np.mean([one.mean() for one in both]))
    spread = np.mean([one.std(ddof=0) for one in both])
    assert mixed["similarity"].std(ddof=0) == pytest.approx(spread)


def test_agreement_is_the_correlation_of_what_both_tasks_leave():
    tables = {name: dyads_of(own, ["l00"]) for name, own in encoders(0.5).items()}
    (row,) = agreement(tables)
    # Least squares on indicators of both tasks, as an independent way to centre twice.
    sides = []
    for own in tables.values():
        design = pd.get_dummies(own[DYAD].astype(str)).to_numpy(float)
        values = own["gain_standardised"].to_numpy()
        sides.append(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])
    assert row["match"] == pytest.approx(np.corrcoef(*sides)[0, 1])
    assert row["pairs"] == 81
    assert row["match_low"] < row["match"] < row["match_high"]


def test_the_interval_of_the_agreement_holds_its_level():
    random = np.random.default_rng(5)
    names = pd.MultiIndex.from_product([range(7), range(6)], names=DYAD).to_frame(index=False)
    held = 0
    for _ in range(400):
        values = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=42)
        sides = {k: names.assign(gain_standardised=values[:, k]) for k in (0, 1)}
        (row,) = agreement(sides)
        held += row["match_low"] <= 0.6 <= row["match_high"]
    # Four standard errors around 95 %.
    assert abs(held / 400 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 400)


def test_the_shares_of_the_variance_are_those_that_were_simulated():
    def share(common: float) -> float:
        gains = encoders(common, count=6)
        pairs = {name: dyads_of(own, []) for name, own in gains.items()}
        return common_share(variance(pairs, gains, []))

    low, high = share(0.2), share(0.8)
    assert low == pytest.approx(0.2, abs=0.12)
    assert high == pytest.approx(0.8, abs=0.12)


def test_with_seeds_the_noise_of_runs_stands_by_itself():
    gains = encoders(0.5, count=3, seeds=3, run=1.0)
    pairs = {name: dyads_of(own, []) for name, own in gains.items()}
    rows = {row["component"]: row for row in variance(pairs, gains, [])}
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1)
    # A run's variance is that of half a dyad's here, in the same unit.
    assert rows["run"]["variance"] > 0.5 * rows["encoder:dyad"]["variance"]
    one_seed = encoders(0.5, count=3)
    pairs = {name: dyads_of(own, []) for name, own in one_seed.items()}
    assert "run" not in {row["component"] for row in variance(pairs, one_seed, [])}


def test_what_was_read_of_a_language_is_kept_only_where_all_read_the_same():
    table = simulate(Scenario(), 3).languages
    same, nothing = shared_languages({"a": table, "b": table.copy()})
    assert nothing == []
    pd.testing.assert_frame_equal(same, table)
    other = table.assign(pretraining_GiB=table["pretraining_GiB"] * 2)
    unlike, (told,) = shared_languages({"a": table, "b": other})
    assert unlike["pretraining_GiB"].isna().all()
    assert unlike["name"].equals(table["name"])
    assert told.startswith(f"The encoders have not read the same text ({len(table)} of")


@pytest.fixture(scope="module")
def joint():
    """Two encoders of nine by six tasks, joined."""
    made = simulate(Scenario(slope=1.0, run=0.0), 7, languages_of=SMALL)
    other = simulate(Scenario(slope=1.0), 7, languages_of=SMALL)
    summary = {"headline": {"estimate": 0.4, "p": 0.1, "n": 54}, "match": None, "problems": []}
    found = {
        name: OfEncoder(one.gains, made.similarity, made.languages, summary)
        for name, one in {"a": made, "b": other}.items()
    }
    return join(found, CONFIG, training_sizes=dict.fromkeys(INTERMEDIATES, 100))


def test_the_inference_is_of_the_mean_over_encoders(joint):
    summary = joint.inference.summary
    assert summary["answer"].startswith("Over 54 pairs of tasks")
    assert summary["encoders"] == ["a", "b"]
    assert 0 <= summary["common_share"] <= 1
    dyads = joint.inference.tables["dyads"].set_index(DYAD)
    assert (dyads["seeds"] == 2).all()
    means = joint.gains.groupby([*DYAD])["gain"].mean()
    np.testing.assert_allclose(dyads["gain"], means.reindex(dyads.index))
    assert next(iter(joint.gains)) == "encoder"
    assert not any("seed" in problem for problem in summary["problems"])


def test_every_table_keeps_what_it_promises(joint):
    assert set(joint.tables) == {contract.name for contract in ENCODER_TABLES}
    for contract in ENCODER_TABLES:
        assert list(joint.tables[contract.name]) == list(contract.columns)
    slopes = joint.tables["encoder_slopes"].set_index("encoder")
    assert list(slopes.index) == ["a", "b", OVER_ALL]
    assert slopes.loc["a", "slope"] == 0.4
    assert slopes.loc[OVER_ALL, "slope"] == joint.inference.summary["headline"]["estimate"]
