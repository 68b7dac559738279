"""A tiny study at two fidelities, really run; then its cheap half alone, which trains nothing."""

import json

import pandas as pd
import pytest

from helpers import study_folder
from helpers.study_folder import StudyFolder

STUDY = study_folder.STUDY | {
    "study": "both",
    "intermediate_tasks": ["hellaswag", "ccg"],
    "target_tasks": ["pos", "tatoeba"],
    "multitask": {"enabled": False},
    "similarity": study_folder.SIMILARITY,
    "fidelity": {"share": 0.5},
}


@pytest.fixture(scope="module")
def place(root, tmp_path_factory) -> StudyFolder:
    made = StudyFolder(root, tmp_path_factory.mktemp("fidelity"), STUDY)
    made.snakemake()
    return made


def test_cheap_runs_learn_from_their_share(place):
    trained = place.receipts("intermediate") | place.receipts("target")
    cheap = {name: one for name, one in trained.items() if "~cheap" in name and "training" in one}
    full = {name: one for name, one in trained.items() if "~cheap" not in name}
    assert len(cheap) == 2 + 3 and len(full) > len(cheap)
    for receipt in cheap.values():
        (task,) = receipt["recipe"]["tasks"]
        assert task["share"] == {"of": 0.5, "seed": 1}
        assert receipt["training"]["examples_by_task"][task["task"]] == 12


def test_tables_are_of_full_cells_and_the_cheap_ones_have_a_baseline_as_cheap(place):
    tables = place.tables
    full = pd.read_csv(tables / "index.tsv", sep="\t", keep_default_na=False)
    cheap = pd.read_csv(tables / "fidelity" / "index.tsv", sep="\t", keep_default_na=False)
    assert set(full["fidelity"]) == {"full"} and set(cheap["fidelity"]) == {"cheap"}
    assert not full["run"].str.contains("~cheap").any()
    assert cheap["run"].str.contains("~cheap").all() and len(cheap) == len(full) == 6
    gains = pd.read_parquet(tables / "fidelity" / "gains.parquet")
    scores = pd.read_parquet(tables / "fidelity" / "scores.parquet")
    own = scores[scores["primary"] & (scores["intermediate"] == "none")]
    keys = ["target", "language", "seed"]
    merged = gains.merge(own[[*keys, "value"]], on=keys)
    assert len(merged) == len(gains) and (merged["baseline"] == merged["value"]).all()
    whole = pd.read_parquet(tables / "scores.parquet").merge(
        scores, on=["intermediate", *keys, "metric"], suffixes=("", "_cheap")
    )
    # Half of the examples make other scores; a baseline that trains nothing has the same.
    assert (whole["value"] != whole["value_cheap"]).any()
    searched = whole[(whole["target"] == "tatoeba") & (whole["intermediate"] == "none")]
    assert len(searched) and (searched["value"] == searched["value_cheap"]).all()


def test_the_page_compares_the_two(place):
    tables = place.tables
    compared = pd.read_csv(tables / "fidelity.tsv", sep="\t", keep_default_na=False)
    assert compared["target"].tolist() == ["pos", "tatoeba", "all targets"]
    assert compared["rows"].astype(int).tolist() == [3, 3, 4]
    page = (tables / "report.html").read_text()
    assert "4 pairs of tasks were run cheaply and in full" in page
    assert "What do cheap runs tell of full ones?" in page
    assert "6 cells are run at the fidelity" in page and "cheap runs only" not in page
    assert json.loads((tables / "inference.json").read_text())["fidelity"] == "full"


def test_planned_full_cells_make_a_page_of_the_cheap_grid_that_says_so(place):
    before = set(place.receipts("target")) | set(place.receipts("intermediate"))
    config = STUDY | {"study": "first", "fidelity": {"share": 0.5, "full_cells": "planned"}}
    both = place.tables
    place.write(config)
    place.snakemake()
    assert set(place.receipts("target")) | set(place.receipts("intermediate")) == before
    tables = place.tables
    own = pd.read_parquet(tables / "gains.parquet")
    other = pd.read_parquet(both / "fidelity" / "gains.parquet")
    assert own.drop(columns=["low", "high"]).equals(other.drop(columns=["low", "high"]))
    assert "all tables and the page are of these cheap runs" in (tables / "report.html").read_text()
    line = "cheap runs only (cheap: a share of 0.5 of the training examples)"
    assert line in (tables / "report.html").read_text()
    assert json.loads((tables / "inference.json").read_text())["fidelity"] == "cheap"
    assert not (tables / "fidelity.tsv").exists()
