"""The right sentence for each kind of table: square, one seed, with holes, large, flat."""

import numpy as np
import pandas as pd
import pytest
from scenarios import SMALL, Scenario, simulate

from helpers.fast_inference import leave_out_refits
from xstilts.inference.any_table import answer_table

SETTINGS = {"permutations": 199, "bootstrap": 50}


@pytest.fixture(autouse=True)
def few_refits(monkeypatch):
    leave_out_refits(monkeypatch)


def pairs(names, others, slope=1.0, seed=1):
    """Scores and similarities of all pairs, with effects of both tasks."""
    draw = np.random.default_rng(seed)
    shape = len(names), len(others)
    similarity = draw.normal(size=(shape[0], 1)) + draw.normal(size=shape)
    gain = draw.normal(size=(1, shape[1])) + slope * similarity + draw.normal(size=shape)
    row, column = (index.ravel() for index in np.indices(shape))
    return pd.DataFrame(
        {
            "source": np.array(names)[row],
            "target": np.array(others)[column],
            "score": gain.ravel(),
            "similarity": similarity.ravel(),
        }
    )


def summary_of(table: pd.DataFrame, folder) -> dict:
    paths = {name: folder / f"{name}.csv" for name in ("score", "similarity")}
    for name, path in paths.items():
        table[["source", "target", name]].to_csv(path, index=False)
    found = answer_table(
        paths["score"], folder / "out", similarity=paths["similarity"], settings=SETTINGS
    )
    return found.summary


def test_a_square_table_is_relabelled_on_both_sides(tmp_path):
    names = [f"task{k}" for k in range(9)]
    table = pairs(names, names)
    found = summary_of(table[table["source"] != table["target"]], tmp_path)
    assert found["match"]["p"] < 0.05
    assert "more similar tasks help more, and so does the better match" in found["answer"]
    assert not any("have no gain or no similarity" in line for line in found["problems"])


def test_one_seed_says_that_noise_is_not_known(tmp_path):
    table = pairs([f"s{k}" for k in range(8)], [f"t{k}" for k in range(8)], slope=0.0)
    found = summary_of(table, tmp_path)
    assert "similarity is not shown to predict gain" in found["answer"]
    assert "with one seed it cannot tell the noise of training from the gains" in found["limits"]
    dyads = pd.read_csv(tmp_path / "out" / "inference" / "dyads.tsv", sep="\t")
    assert dyads["gain_shrunken"].isna().all()


def test_missing_pairs_are_told_and_what_could_not_be_tested_is_not_confirmed(tmp_path):
    names, others = [f"s{k}" for k in range(9)], [f"t{k}" for k in range(9)]
    table = pairs(names, others)
    place = table["source"].str[1:].astype(int), table["target"].str[1:].astype(int)
    few = summary_of(table[~((place[0] == 0) & (place[1] < 2))], tmp_path)
    assert few["match"]["p"] < 0.05
    assert any(line.startswith("2 pairs of tasks have no gain") for line in few["problems"])
    # Every task lacks a pair: none can change places.
    many = summary_of(table[place[0] != place[1]], tmp_path)
    assert many["match"]["p"] != many["match"]["p"]
    assert "more similar tasks help more, not confirmed, because only 0" in many["answer"]
    assert any(line.startswith("9 pairs of tasks have no gain") for line in many["problems"])


def test_a_flat_similarity_is_nothing_to_test(tmp_path):
    table = pairs([f"s{k}" for k in range(6)], [f"t{k}" for k in range(6)])
    found = summary_of(table.assign(similarity=0.3), tmp_path)
    assert found["answer"].startswith("This study cannot say whether similarity predicts gain")
    assert any("equally similar" in line for line in found["problems"])


def test_a_similarity_that_tasks_explain_leaves_the_match_unconfirmed(tmp_path):
    table = pairs([f"s{k}" for k in range(8)], [f"t{k}" for k in range(8)])
    own = table.groupby("source")["similarity"].transform("mean")
    found = summary_of(table.assign(similarity=own), tmp_path)
    assert "because the tasks explain all of the similarity of their pairs" in found["answer"]


def test_large_tables_are_answered_by_one_step_and_in_parts(tmp_path, monkeypatch):
    """300 pairs go the way of 5,340 (benchmarks/inference_speed.py): influence in one step."""
    from xstilts.inference.analyses import influence, permutation

    monkeypatch.undo()
    monkeypatch.setattr("xstilts.inference.analyses.power.STUDIES", 1)
    monkeypatch.setattr("xstilts.inference.analyses.power.REPLICATES", 1)
    monkeypatch.setattr("xstilts.inference.analyses.power.LARGER", ())
    names, others = [f"s{k}" for k in range(25)], [f"t{k}" for k in range(12)]
    table = pairs(names, others, slope=0.3)
    assert len(table) > influence.REFITTED
    monkeypatch.setattr(permutation, "AT_ONCE", 50 * len(table))
    found = summary_of(table, tmp_path)
    assert found["answer"].startswith(f"Over {len(table)} pairs of tasks")
    assert "more similar tasks help more, and so does the better match" in found["answer"]
    without = pd.read_csv(tmp_path / "out" / "inference" / "influence.tsv", sep="\t")
    assert (without["kind"] == "intermediate").sum() == len(names)
    assert without["estimate"].notna().all()


def test_several_seeds_shrink_the_extremes(tmp_path):
    study = simulate(Scenario(slope=0.5), 5, languages_of=SMALL, languages=8, seeds=3)
    path = tmp_path / "gains.csv"
    study.gains[["intermediate", "target", "language", "seed", "gain"]].to_csv(path, index=False)
    found = answer_table(path, tmp_path / "out", settings=SETTINGS)
    best = found.tables["dyads"].nlargest(1, "gain_standardised").iloc[0]
    assert best["gain_shrunken"] < best["gain"]
