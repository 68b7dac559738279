"""A tiny demo study, really run: every stage, its tables, and what a second run does."""

import re
import shutil

import pandas as pd
import pytest

from helpers import study_folder
from helpers.study_folder import StudyFolder

STUDY = study_folder.STUDY | {
    "intermediate_tasks": ["hellaswag", "ccg"],
    "target_tasks": ["xnli", "pos", "xquad", "mlqa", "bucc", "tatoeba"],
    "similarity": study_folder.SIMILARITY,
}
ROWS = ["none", "hellaswag", "ccg", "multitask"]


@pytest.fixture(scope="module")
def study(root, tmp_path_factory):
    place = StudyFolder(root, tmp_path_factory.mktemp("study"), STUDY)
    place.snakemake()
    return place


def test_every_cell_has_its_run(study):
    index = study.table("index.tsv")
    cells = {(row.intermediate, row.target) for row in index.itertuples()}
    assert cells == {(row, target) for row in ROWS for target in STUDY["target_tasks"]}
    assert set(index["status"]) <= {"done", "diverged"}
    shared = index.pivot(index="intermediate", columns="target", values="run")
    assert (shared["xquad"] == shared["mlqa"]).all()
    assert len(study.receipts("target")) == len(ROWS) * 5


def test_scores_cover_the_languages(study):
    scores = study.table("scores.parquet")
    done = study.table("index.tsv").query("status == 'done'")
    # A run that collapsed, as 24 examples make some do, has no scores; all others have.
    cells = ["intermediate", "target", "seed"]
    assert set(map(tuple, scores[cells].values)) == set(map(tuple, done[cells].values))
    assert scores["value"].between(0, 100).all()
    languages = scores.groupby("target")["language"].agg(set)
    assert languages["pos"] == {"en", "sw"}
    assert languages["tatoeba"] == languages["bucc"] == {"sw"}


def test_gains_are_differences_of_scores(study):
    gains = study.table("gains.parquet")
    keys = ["intermediate", "target", "language", "seed"]
    scores = study.table("scores.parquet").query("primary").set_index(keys)["value"]
    for row in gains.itertuples():
        own = scores[row.intermediate, row.target, row.language, row.seed]
        baseline = scores["none", row.target, row.language, row.seed]
        assert row.gain == pytest.approx(own - baseline)
        assert row.low <= row.gain <= row.high
    assert set(gains.query("same_data")["target"]) == set()


def test_similarity_of_every_pair(study):
    similarity = study.table("similarity.parquet")
    pairs = {(row, target) for row in ROWS[1:3] for target in STUDY["target_tasks"]}
    whole = similarity[similarity["language"].isna()]
    assert whole["measure"].nunique() == 9
    for measure, rows in whole.groupby("measure"):
        assert set(zip(rows["intermediate"], rows["target"], strict=True)) == pairs
        known = rows.dropna(subset="similarity")
        searched = {"bucc", "tatoeba"} if measure.startswith(("task", "log")) else set()
        assert set(rows["target"]) - set(known["target"]) == searched
        assert (
            (known["low"] <= known["similarity"]) & (known["similarity"] <= known["high"])
        ).all()
    spoken = similarity.dropna(subset="language")
    assert set(spoken.query("target == 'tatoeba'")["language"]) == {"sw"}
    assert set(spoken.query("target == 'pos'")["language"]) == {"en", "sw"}
    assert set(study.table("task_map.tsv")["task"]) == {*ROWS[1:3], *STUDY["target_tasks"]}


def test_best_rows_are_scored_as_the_averages_are(study):
    folder = study.folder / "results/studies/tiny/tables"
    best, rivals, xtreme = (
        pd.read_csv(folder / f"{name}.tsv", sep="\t", keep_default_na=False, na_values=[""])
        for name in ("best", "rivals", "xtreme")
    )
    value = xtreme.set_index(["name", "intermediate"])["value"]
    assert not best.empty and set(best["target"]) == set(rivals["target"])
    for row in rivals.itertuples():
        if row.target != "tatoeba":  # scored by halves
            assert row.test_score == pytest.approx(value[row.target, row.intermediate])
    for row in best[best["chosen_on"] == "english_dev"].itertuples():
        assert row.test_score == pytest.approx(value[row.target, row.intermediate])
        assert row.baseline == pytest.approx(value[row.target, "none"])
        assert row.low <= row.gain <= row.high


def test_receipts_prove_the_transplant(study):
    intermediate = study.receipts("intermediate")
    for receipt in study.receipts("target").values():
        proof = receipt["transplant"]
        if proof["from"] == "encoder":
            assert proof["carried"] == 0
        else:
            parent = intermediate[proof["from"]]
            assert proof["carried"] == len(parent["encoder_tensors"]) == 16
            assert proof["weights_sha256"] == parent["files"]["encoder.safetensors"]


def test_caps_stand_in_the_receipts(study):
    receipt = next(r for name, r in study.receipts("intermediate").items() if "ccg" in name)
    assert receipt["data"]["ccg"]["limits"]["train"] == 24
    assert sum(receipt["data"]["ccg"]["rows"]["train"].values()) == 24


def test_page_and_figures(study):
    folder = study.folder / "results" / "studies" / "tiny"
    page = (folder / "report.html").read_text()
    assert "demonstration" in page
    # Names of specifications stand in the charts' JavaScript; nothing is loaded from anywhere.
    assert not re.search(r"(src|href)=[\"']?(https?:)?//|url\([\"']?(https?:)?//", page)
    assert (folder / "figures" / "gains.png").stat().st_size > 1000


def test_second_run_does_nothing(study):
    assert "Nothing to be done" in study.snakemake()


def test_touched_scripts_and_data_run_nothing(study):
    for path in (study.folder / "results").rglob("*.arrow"):
        path.touch()
    assert "Nothing to be done" in study.snakemake("--dry-run")


def test_a_clean_run_gives_the_same_bytes(study):
    numbers = ("scores.parquet", "gains.parquet", "similarity.parquet")
    before = study.digests(*numbers)
    shutil.rmtree(study.folder / "results")
    shutil.rmtree(study.folder / ".snakemake")
    study.snakemake()
    assert study.digests(*numbers) == before
