"""What `xstilts watch` shows of running jobs, and what it takes off the forecast."""

import json
import time

import pytest

from helpers.finished_study import finish
from xstilts.commands import watch
from xstilts.commands.snakemake_summary import Job
from xstilts.core.progress import FILE


def stand(name, step, steps):
    folder = watch.Path("results", "scratch", name)
    folder.mkdir(parents=True)
    standing = {
        "run": name, "step": step, "steps": steps, "loss": 0.51, "dev_score": None,
        "tokens_per_second": 12345.6, "seconds_left": 33.0, "process": 1, "machine": "node7",
        "written": time.time(),
    }  # fmt: skip
    (folder / FILE).write_text(json.dumps(standing))


@pytest.fixture
def seen(monkeypatch, root):
    """`seen(study)`: what is shown of `study`, whose jobs without a receipt are still to run."""

    def show(study):
        jobs = [
            Job("finetune_target", run.name, not run.receipt.exists(), "")
            for runs in study.runs.values()
            for run in runs.values()
        ]
        monkeypatch.setattr(watch, "jobs_of", lambda *_: jobs)
        return watch.watched(study, root / "workflow" / "Snakefile", study.config, 1, 1)

    return show


def test_a_running_job_counts_for_what_is_left_of_it(plan, seen):
    finish(plan(), lambda run: 1000.0)
    study = plan(tasks__pos__training__epochs=9, intermediate_tasks=["qqp"])
    (pending,) = [
        name for name, run in study.runs["target"].items()
        if run.label == "qqp--pos-seed1" and not run.receipt.exists()
    ]  # fmt: skip
    before, done = seen(study)
    assert not done and "No training job has said anything" in before
    stand(pending, 75, 100)
    after, _ = seen(study)
    line = next(row for row in after.splitlines() if row.startswith(pending))
    assert line.split()[1:] == ["75", "100", "0.510", "12,346", "33", "s", "node7"]
    assert "2 are not" in after  # qqp and the baseline
    assert before.rpartition("about")[2] != after.rpartition("about")[2]


def test_another_studys_job_is_shown_and_takes_nothing_off(plan, seen):
    finish(plan())
    stand("mrpc--xnli-seed1-0123456789ab", 1, 2)
    text, done = seen(plan())
    assert done and "mrpc--xnli-seed1" in text and "jobs are done." in text
