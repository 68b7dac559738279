"""benchmarks/gpu.py with a toy on a processor: all that it measures, apart from CUDA itself."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TASKS = ("mnli", "ner", "squad_v1", "cosmosqa")
STEPS = ["plain", "lean", "packed"]


@pytest.fixture(scope="module")
def page() -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    before = (ROOT / "benchmarks" / "gpu.md").exists()
    done = subprocess.run(
        # A minute of one processor, more where others use it.
        [sys.executable, "benchmarks/gpu.py", "--tiny", "--minutes", "20"], cwd=ROOT,
        env=environment, capture_output=True, text=True, timeout=1300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (ROOT / "benchmarks" / "gpu.md").exists() is before
    return done.stdout


def rows(page: str, heading: str) -> list[list[str]]:
    """Cells of the lines of the first table below `heading`, its own header left out."""
    section = page.split(heading, 1)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_each_kind_by_each_step(page):
    ours = [one for one in rows(page, "# A fine-tuning step on a GPU") if "trainer" not in one[1]]
    assert [(task, step) for task, step, *_ in ours] == [(t, s) for t in TASKS for s in STEPS]
    for *_, milliseconds, pace, _, share, _ in ours:
        assert float(milliseconds) > 0 and float(pace.replace(",", "")) > 0
        assert 0 < float(share.removesuffix(" %")) < 100


def test_the_trainer_beside_where_it_is_installed(page):
    trainer = [one for one in rows(page, "# A fine-tuning step on a GPU") if "trainer" in one[1]]
    if find_spec("accelerate") is None:
        assert not trainer
        assert page.count("the Trainer needs accelerate: pip install accelerate") == 2
    else:
        assert len(trainer) == 2 * len(TASKS)


def test_losses_are_those_of_the_plain_step(page):
    found = rows(page, "## Losses")
    assert [step for step, *_ in found] == STEPS
    for step, arithmetic, first, most, _ in found:
        assert arithmetic == "float32"
        assert float(first) < 1e-5 and float(most) < 1e-4, step


def test_a_killed_run_gives_the_same_bytes(page):
    assert "gave the same bytes as one that was left alone" in page
    assert "an undisturbed run repeats itself bit for bit" in page


def test_two_at_once_and_what_was_not_measured(page):
    assert "side by side (`jobs_per_gpu: 2`) make" in page
    assert "- graphs: CUDA graphs need a GPU" in page
    failures = page.split("## Not measured", 1)[1].splitlines()
    named = [line for line in failures if line.startswith("- ")]
    assert all("graphs" in line or "trainer" in line for line in named), named


def test_lengths_of_prepared_data_need_a_task_that_is_known():
    done = subprocess.run(
        [sys.executable, "benchmarks/gpu.py", "--tiny", "--prepared", "mnlu=."], cwd=ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "say TASK=FOLDER, one of mnli, ner, squad_v1, cosmosqa" in done.stderr
