"""Any table of transfer: what it says beside a study's own, and one clear sentence for bad ones."""

import json

import numpy as np
import pandas as pd
import pytest
from scenarios import SMALL, Scenario, simulate

from helpers.fast_inference import leave_out_refits
from xstilts.core.errors import StudyError
from xstilts.inference.__main__ import main
from xstilts.inference.any_table import answer_table, read_families, read_gains, read_similarity
from xstilts.inference.run import Inputs, infer

SETTINGS = {"permutations": 199, "bootstrap": 100}


@pytest.fixture(autouse=True)
def few_refits(monkeypatch):
    leave_out_refits(monkeypatch)


@pytest.fixture(scope="module")
def study():
    return simulate(Scenario(slope=1.0), 5, languages_of=SMALL, languages=8)


def written(tmp_path, table: pd.DataFrame, name: str):
    path = tmp_path / name
    table.to_csv(path, sep="\t" if name.endswith("tsv") else ",", index=False)
    return path


def test_it_answers_as_the_study_does(study, tmp_path):
    scores = study.gains.rename(columns={"intermediate": "from", "score": "accuracy"})
    baseline = scores.drop_duplicates(["target", "language"]).assign(**{"from": "plain"})
    baseline = baseline.assign(accuracy=60.0)
    columns = ["from", "target", "language", "seed", "accuracy"]
    table = written(tmp_path, pd.concat([scores, baseline])[columns], "t.csv")
    similar = study.similarity.rename(columns={"intermediate": "from"})
    similarity = written(tmp_path, similar[["from", "target", "similarity"]], "s.tsv")
    found = answer_table(
        table, tmp_path / "out", similarity=similarity, baseline="plain",
        columns={"intermediate": "from", "score": "accuracy"}, settings=SETTINGS,
    )  # fmt: skip
    config = SETTINGS | {
        "primary_measure": "text_embedding", "without_languages": [], "covariates": [],
        "equivalence_bound": 0.5, "seed": 1,
    }  # fmt: skip
    own = infer(Inputs(study.gains, study.similarity, study.languages), config)
    for name in ("estimate", "low", "high", "p"):
        for which in ("headline", "match"):
            assert found.summary[which][name] == pytest.approx(own.summary[which][name], rel=1e-6)
    read = json.loads((tmp_path / "out" / "inference.json").read_text())
    assert read["answer"] == found.summary["answer"]
    assert (tmp_path / "out" / "inference" / "effects.tsv").is_file()
    assert any("table of languages lacks l00" in line for line in read["problems"])


def test_without_similarity_there_is_what_needs_none(study, tmp_path):
    table = written(tmp_path, study.gains[["intermediate", "target", "language", "gain"]], "t.tsv")
    found = answer_table(table, tmp_path / "out", settings=SETTINGS)
    assert found.summary["headline"] is None
    assert any("none is given" in line for line in found.summary["problems"])
    for name in ("variance", "noise_ceiling", "dyads"):
        assert len(found.tables[name]), name
    assert set(found.tables["selection"]["predictor"]) == {"popularity", "random"}


def test_a_stated_deviation_of_runs_serves_where_there_is_one_seed(study, tmp_path):
    table = written(tmp_path, study.gains[["intermediate", "target", "language", "gain"]], "t.tsv")
    stated = {"run_sd": {"value": 0.5, "source": "three runs of ours"}}
    alone = answer_table(table, tmp_path / "alone", settings=SETTINGS)
    found = answer_table(table, tmp_path / "out", settings=SETTINGS | stated)
    assert "one seed" in alone.summary["limits"] or alone.tables["power"].empty
    said = [line for line in found.summary["problems"] if "three runs of ours" in line]
    assert len(said) == 1 and "0.5 points" in said[0]
    assert alone.tables["dyads"]["gain_shrunken"].isna().all()
    pairs = found.tables["dyads"]
    assert pairs["gain_shrunken"].std() < pairs["gain"].std()
    run = found.tables["variance"].set_index("component").loc["run"]
    assert run["variance"] == pytest.approx(0.25)
    ceiling = found.tables["noise_ceiling"].set_index("quantity")
    assert 0 < ceiling.loc["reliability", "value"] < 1
    assert "three runs of ours" in ceiling.loc["reliability", "note"]
    assert "two seeds" in ceiling.loc["split_seed_spearman", "note"]


def test_a_deviation_without_its_source_is_refused(study, tmp_path, capsys):
    table = written(tmp_path, study.gains[["intermediate", "target", "gain"]], "t.tsv")
    for words in (["--run-sd", "1"], ["--run-sd-source", "x"],
                  ["--run-sd", "-1", "--run-sd-source", "x"]):  # fmt: skip
        assert main(["answer", str(table), *words]) == 1
        assert "--run-sd needs" in capsys.readouterr().err


def test_constant_similarity_is_said(study, tmp_path):
    table = written(tmp_path, study.gains[["intermediate", "target", "language", "gain"]], "t.tsv")
    flat = study.similarity[["intermediate", "target"]].assign(similarity=0.5)
    found = answer_table(
        table, tmp_path / "out", similarity=written(tmp_path, flat, "s.csv"), settings=SETTINGS
    )
    assert any("equally similar" in line for line in found.summary["problems"])


def test_losses_are_turned_round():
    table = pd.DataFrame({"source": ["a"], "target": ["b"], "score": [2.0]})
    assert read_gains(table, {}, lower_is_better=True).rows["gain"].tolist() == [-2.0]


def test_a_baseline_without_seeds_is_taken_as_its_mean():
    table = pd.DataFrame(
        [("base", "t", 1, 50.0), ("base", "t", 2, 54.0), ("a", "t", 2, 60.0), ("a", "t", 3, 60.0)],
        columns=["source", "target", "seed", "score"],
    )
    assert read_gains(table, {}, "base").rows["gain"].tolist() == [6.0, 8.0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"source": ["a"], "target": ["b"], "value": [1]}, "neither a column 'gain' nor 'score'"),
        ({"sources": ["a"], "target": ["b"], "gain": [1]}, "no column 'intermediate'"),
        ({"source": ["a", "a"], "target": ["b", "b"], "gain": [1, 2]}, "tells them apart"),
        ({"source": ["a", None], "target": ["b", "b"], "gain": [1, 2]}, "is empty in 1 rows"),
        ({"source": ["a"], "target": ["b"], "gain": ["high"]}, "must hold numbers"),
        ({"source": ["a"], "target": ["b"], "gain": [np.nan]}, "empty in every row"),
    ],
)
def test_what_is_wrong_is_said(table, message):
    with pytest.raises(StudyError, match=message):
        read_gains(pd.DataFrame(table), {})


def test_rows_of_a_task_with_itself_are_left_out():
    table = pd.DataFrame({"source": ["a", "b"], "target": ["a", "a"], "gain": [9.0, 1.0]})
    found = read_gains(table, {})
    assert found.rows["intermediate"].tolist() == ["b"]
    assert "1 rows of a task with itself" in found.problems[0]


def test_several_measures_need_a_name():
    table = pd.DataFrame(
        {"source": "a", "target": "b", "measure": ["x", "y"], "similarity": [0.1, 0.2]}
    )
    with pytest.raises(StudyError, match="name the one"):
        read_similarity(table, {}, None)
    assert read_similarity(table, {}, "y")[1] == "y"


def test_a_task_in_two_families_is_a_mistake():
    with pytest.raises(StudyError, match="two families"):
        read_families(pd.DataFrame({"task": ["a", "a"], "family": ["x", "y"]}), {})


def test_the_command_prints_the_answer(study, tmp_path, capsys):
    table = written(tmp_path, study.gains[["intermediate", "target", "language", "gain"]], "t.csv")
    assert main(["answer", str(table), "--output", str(tmp_path / "out")]) == 0
    assert "none is given" in capsys.readouterr().out
    assert main(["answer", str(table), "--column", "scor=x"]) == 1
    assert "did you mean 'score'" in capsys.readouterr().err
    assert np.isfinite(
        pd.read_csv(tmp_path / "out/inference/variance.tsv", sep="\t")["share"]
    ).all()
