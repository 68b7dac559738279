"""What the README says of the demo, held against the workflow."""

import re
from pathlib import Path

import yaml

from helpers.table_rules import TABLES
from xstilts.plan.grid import Study


def test_job_counts(root: Path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = yaml.safe_load((root / "config" / "config.yaml").read_text())
    study = Study(config, root)
    runs = {stage: len(found) for stage, found in study.runs.items()}
    retrieval = sum("retrieval" in run.recipe for run in study.runs["target"].values())
    # Besides the runs: tables, figures and the page, and rule all.
    jobs = sum(runs.values()) + len(TABLES) + 1

    text = (root / "README.md").read_text()
    said = re.search(
        r"The demo is (\d+) jobs: 1 encoder, (\d+) prepared tasks and their frozen layers' output,"
        r"\s+(\d+) intermediate\s+fine-tunes, (\d+) target fine-tunes, (\d+) retrieval runs",
        text,
    )
    assert said, "the README no longer counts the demo's jobs"
    assert list(map(int, said.groups())) == [
        jobs,
        runs["data"],
        runs["intermediate"],
        runs["target"] - retrieval,
        retrieval,
    ]
    assert runs["data"] == runs["activations"]


def test_files_it_names_are_there(root: Path):
    text = (root / "README.md").read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if not target.startswith("http"):
            assert (root / target).exists(), target
