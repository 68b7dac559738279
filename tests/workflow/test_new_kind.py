"""A kind of task, a task of it, its metric, a source of its data, a measure, an inference table
and a section of the page, by one file each, no edit of the project, and all as a module.
"""

import json
import os
import random
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from pyarrow import csv
from sklearn.metrics import balanced_accuracy_score

from helpers.project_copy import copy_project
from xstilts.core.receipts import read_receipt

WORDS = {
    "en": {"very good": ("splendid", "lovely", "superb"), "bad": ("dull", "awful", "broken")},
    "de": {"very good": ("herrlich", "schön", "prima"), "bad": ("öde", "mies", "kaputt")},
}
# File below tests/data -> folder of the project that it is put into.
PACKAGE = "workflow/scripts/xstilts"
ADDED = {
    "new_kind/verdicts.py": f"{PACKAGE}/kinds",
    "new_kind/reviews.yaml": "resources/tasks",
    "new_metric/balanced_accuracy.py": f"{PACKAGE}/evaluation/metrics",
    "new_source/csv_files.py": f"{PACKAGE}/sources",
    "new_measure/length_likeness.py": f"{PACKAGE}/similarity/measures",
    "toys/inference_tables/spread.py": f"{PACKAGE}/inference/tables",
    "toys/sections/cells.py": f"{PACKAGE}/report/sections",
    "toys/sections/cells.html.jinja": f"{PACKAGE}/report/sections",
}
MODULE = """
configfile: "new.yaml"

module xstilts:
    snakefile: "{snakefile}"
    config: config

use rule * from xstilts
"""
SIZES = {"train": 160, "dev": 60, "test": 40}


def reviews(language: str, split: str) -> pa.Table:
    """Seven in ten are very good, and a word says so."""
    draw = random.Random(f"{language} {split}")
    labels = ["very good" if number % 10 < 7 else "bad" for number in range(SIZES[split])]
    texts = [f"{draw.choice(WORDS[language][label])} {draw.randrange(90)}" for label in labels]
    ids = [f"{split}-{number}" for number in range(len(labels))]
    return pa.table({"id": ids, "text": texts, "label": labels})


@pytest.fixture(scope="module")
def finished(root, tmp_path_factory):
    """A study of the new task in a copy of the project with two more files."""
    project, place = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("place")
    data = root / "tests" / "data"
    copy_project(root, project, {data / file: folder for file, folder in ADDED.items()})
    (place / "csv").mkdir()
    for split in SIZES:
        for language in ("en", "de") if split == "test" else ("en",):
            csv.write_csv(
                reviews(language, split), place / f"csv/own-reviews-{language}-{split}.csv"
            )
    config = {
        "study": "new",
        "source": "csv_files",
        "data_root": str(place / "csv"),
        "encoder": {"name": "small", "layers": 2, "frozen_layers": 1},
        "intermediate_tasks": ["reviews"],
        "target_tasks": ["reviews"],
        "seeds": [1],
        "multitask": {"enabled": False},
        "similarity": {"language_measures": [], "primary": "text_embedding",
                       "measures": ["text_embedding", "log_evidence", "length_likeness"]},
    }  # fmt: skip
    (place / "new.yaml").write_text(yaml.safe_dump(config))
    (place / "Snakefile").write_text(MODULE.format(snakefile=project / "workflow" / "Snakefile"))
    # The package of the copy, and no other; called from a third folder.
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "snakemake", "--snakefile", place / "Snakefile",
               "--directory", place, "--cores", "1"]  # fmt: skip
    ended = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, cwd=project, env=environment
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    return place


def test_it_is_prepared_trained_predicted_and_scored(finished):
    scores = pq.read_table(finished / "results" / "studies" / "new" / "scores.parquet").to_pylist()
    primary = [row for row in scores if row["primary"]]
    assert {row["metric"] for row in primary} == {"balanced_accuracy"}
    english = {row["intermediate"]: row["value"] for row in primary if row["language"] == "en"}
    assert set(english) == {"none", "reviews"}
    # One and the same answer to all would give 50, and an accuracy of 70.
    assert min(english.values()) > 90
    assert {row["language"] for row in scores} == {"en", "de"}


def test_a_label_with_a_blank_counts_as_one(finished):
    for file in (finished / "results" / "runs" / "target").glob("*/receipt.json"):
        assert json.loads(file.read_text())["dev"]["reviews"]["chance"] == 50


def test_the_receipt_of_the_data_counts_its_labels(finished):
    (folder,) = (finished / "results" / "data").glob("reviews-*")
    counts = read_receipt(folder)["label_counts"]
    assert counts["train"] == {"bad": 48, "very good": 112}


def test_its_text_and_its_labels_are_compared(finished):
    table = pq.read_table(finished / "results" / "studies" / "new" / "similarity.parquet")
    assert {"text_embedding", "log_evidence"} <= set(table["measure"].to_pylist())


def test_the_new_measure_compares_the_new_task(finished):
    table = pq.read_table(finished / "results" / "studies" / "new" / "similarity.parquet")
    rows = [row for row in table.to_pylist() if row["measure"] == "length_likeness"]
    # Its own text on both sides: as long as itself.
    assert [(row["target"], row["similarity"]) for row in rows] == [("reviews", 0)]


def test_the_data_are_named_by_the_bytes_of_the_new_source(finished):
    (folder,) = (finished / "results" / "data").glob("reviews-*")
    source = read_receipt(folder)["recipe"]["source"]
    assert source["name"] == "csv_files"
    assert set(source["files"]) == {path.name for path in (finished / "csv").iterdir()}


def test_the_new_inference_table_is_made(finished):
    assert (finished / "results" / "studies" / "new" / "inference" / "spread.tsv").is_file()


def test_the_new_metric_is_that_of_an_independent_library(finished):
    scores = pq.read_table(finished / "results" / "studies" / "new" / "scores.parquet").to_pylist()
    (row,) = (row for row in scores if row["metric"] == "balanced_accuracy"
              and row["language"] == "de" and row["intermediate"] == "none")  # fmt: skip
    for file in (finished / "results" / "runs" / "target").glob("none--*/predictions.parquet"):
        rows = [row for row in pq.read_table(file).to_pylist() if row["language"] == "de"]
        pairs = [[row[side] for row in rows] for side in ("gold", "prediction")]
        assert row["value"] == pytest.approx(100 * balanced_accuracy_score(*pairs))


def test_all_of_it_reaches_the_page(finished):
    page = (finished / "results" / "studies" / "new" / "report.html").read_text()
    for words in ("toy: text from a spreadsheet", "Reviews", "This study has 2 cells",
                  "Balanced accuracy"):  # fmt: skip
        assert words in page, words
