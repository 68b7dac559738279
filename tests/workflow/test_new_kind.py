"""A kind of task, and a task of it, by one file each and without an edit of the project."""

import json
import os
import random
import shutil
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from xstilts.core.receipts import read_receipt

WORDS = {
    "en": {"very good": ("splendid", "lovely", "superb"), "bad": ("dull", "awful", "broken")},
    "de": {"very good": ("herrlich", "schön", "prima"), "bad": ("öde", "mies", "kaputt")},
}
TABLES = ("scores.parquet", "gains.parquet", "similarity.parquet")
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
    for part in ("Snakefile", "workflow", "resources", "profiles", "config", "envs"):
        copy = shutil.copytree if (root / part).is_dir() else shutil.copy
        copy(root / part, project / part)
    added = root / "tests" / "data" / "new_kind"
    kinds = project / "workflow" / "scripts" / "xstilts" / "kinds"
    shutil.copy(added / "verdicts.py", kinds)
    shutil.copy(added / "reviews.yaml", project / "resources" / "tasks")
    for split in SIZES:
        for language in ("en", "de") if split == "test" else ("en",):
            file = place / "hub" / "own__reviews" / language / f"{split}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(reviews(language, split), file)
    config = {
        "study": "new",
        "source": "folder",
        "data_root": str(place / "hub"),
        "encoder": {"name": "small", "layers": 2, "frozen_layers": 1},
        "intermediate_tasks": ["reviews"],
        "target_tasks": ["reviews"],
        "seeds": [1],
        "multitask": {"enabled": False},
        "similarity": {"language_measures": [], "measures": ["text_embedding", "log_evidence"],
                       "primary": "text_embedding"},
    }  # fmt: skip
    (place / "new.yaml").write_text(yaml.safe_dump(config))
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "snakemake", "--snakefile", project / "Snakefile",
               "--directory", place, "--configfile", place / "new.yaml", "--cores", "1",
               *(f"results/studies/new/{name}" for name in TABLES)]  # fmt: skip
    ended = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, cwd=project, env=environment
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    return place


def test_it_is_prepared_trained_predicted_and_scored(finished):
    scores = pq.read_table(finished / "results" / "studies" / "new" / "scores.parquet").to_pylist()
    english = {row["intermediate"]: row["value"] for row in scores if row["language"] == "en"}
    assert set(english) == {"none", "reviews"}
    # One and the same answer to all would give 70.
    assert min(english.values()) > 90
    assert {row["language"] for row in scores} == {"en", "de"}


def test_a_label_with_a_blank_counts_as_one(finished):
    for file in (finished / "results" / "runs" / "target").glob("*/receipt.json"):
        assert json.loads(file.read_text())["dev"]["reviews"]["chance"] == 70


def test_the_receipt_of_the_data_counts_its_labels(finished):
    (folder,) = (finished / "results" / "data").glob("reviews-*")
    counts = read_receipt(folder)["label_counts"]
    assert counts["train"] == {"bad": 48, "very good": 112}


def test_its_text_and_its_labels_are_compared(finished):
    table = pq.read_table(finished / "results" / "studies" / "new" / "similarity.parquet")
    assert {"text_embedding", "log_evidence"} <= set(table["measure"].to_pylist())
