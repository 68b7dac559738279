"""Edits of a tiny study, forecast and then really run: the same jobs, at the cost foretold."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers import study_folder
from helpers.project_copy import copy_project

STUDY = study_folder.STUDY | {
    "study": "two",
    "intermediate_tasks": ["ccg"],
    "target_tasks": ["pos", "tatoeba"],
    "multitask": {"enabled": False},
    # The cheapest: no sentence encoder has to be loaded.
    "similarity": {
        "measures": ["vocabulary_overlap"],
        "primary": "vocabulary_overlap",
        "language_measures": [],
    },
}
ROW = {"ccg-seed1", "ccg--pos-seed1", "ccg--tatoeba-seed1"}
# Edit -> readable names of the runs that are then made.
EDITS = {
    "learning rate": ({"tasks": {"ccg": {"training": {"learning_rate": 0.002}}}}, ROW),
    "seed": (
        {"seeds": [1, 2]},
        {"ccg-seed2", "ccg--pos-seed2", "ccg--tatoeba-seed2", "none--pos-seed2"},
    ),
    "resamples": ({"intervals": {"resamples": 200}}, set()),
}
# Tables that each of the edits makes anew.
ALWAYS = {"compute_gains", "render_report"}


@pytest.fixture(scope="module")
def truth(root: Path, tmp_path_factory) -> Path:
    """The folder in which the benchmark ran, with its table."""
    folder = tmp_path_factory.mktemp("truth")
    (folder / "two.yaml").write_text(yaml.safe_dump(STUDY))
    edits = {title: edit for title, (edit, _) in EDITS.items()}
    (folder / "edits.yaml").write_text(yaml.safe_dump(edits))
    command = [sys.executable, str(root / "benchmarks" / "forecast_truth.py")]
    command += ["--config", str(folder / "two.yaml"), "--edits", str(folder / "edits.yaml")]
    ended = subprocess.run(
        [*command, "--folder", str(folder), "--show"], capture_output=True, text=True, cwd=root
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return folder


@pytest.fixture(scope="module")
def table(truth: Path) -> dict[str, dict[str, str]]:
    with (truth / "forecast_truth.tsv").open() as stream:
        return {row["edit"]: row for row in csv.DictReader(stream, delimiter="\t")}


@pytest.mark.parametrize("edit", EDITS)
def test_what_was_forecast_ran(table, edit):
    assert table[edit]["same_jobs"] == "True"
    made = set(table[edit]["made"].split())
    runs = {name.rpartition("-")[0] for name in made if "-" in name}
    assert runs == EDITS[edit][1]
    assert made >= ALWAYS


@pytest.mark.parametrize("edit", EDITS)
def test_cost_lies_in_its_interval(table, edit):
    row = table[edit]
    assert float(row["low"]) <= float(row["took"]) <= float(row["high"])


def forecast(repository, folder) -> subprocess.CompletedProcess:
    """The forecast of a copy of the repository, with its own package."""
    command = [sys.executable, "-m", "xstilts", "forecast", "--configfile", folder / "two.yaml"]
    return subprocess.run(
        [*map(str, command), "--directory", str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(repository / "workflow" / "scripts")},
    )


def test_an_undone_edit_needs_no_run(truth, root):
    ended = forecast(root, truth)
    assert ended.returncode == 0, ended.stderr
    # The tables are those of another edit; the runs are all there.
    for stage in ("data", "intermediate", "target"):
        (line,) = [line for line in ended.stdout.splitlines() if line.startswith(f"{stage} ")]
        assert line.split()[1] == "0"


def test_an_edited_module_is_named_by_what_the_real_runs_left(truth, root, tmp_path):
    copy_project(root, tmp_path, {})
    module = tmp_path / "workflow" / "scripts" / "xstilts" / "training" / "optimiser.py"
    module.write_text(module.read_text().replace("0.999", "0.99"))
    ended = forecast(tmp_path, truth)
    assert ended.returncode == 0, ended.stderr
    assert "code xstilts.training.optimiser changed" in ended.stdout
