"""What a job asks a scheduler for, from receipts of runs that cost the same."""

import json
from pathlib import Path

import pytest

from xstilts.jobs.resources import Measured, grows

UNMEASURED_MB, UNMEASURED_MINUTES = 3000, 720


class Wildcards:
    def __init__(self, run):
        self.run = run.name


def leave_receipt(study, run, **facts):
    """A finished run, as a training job leaves it."""
    receipt = {
        "recipe": run.recipe,
        "parents": {"encoder": study.encoder.name},
        "status": "done",
        "device": "cpu",
        "peak_memory_bytes": 2000 * 2**20,
        "wall_seconds": 600,
    }
    run.receipt.parent.mkdir(parents=True)
    run.receipt.write_text(json.dumps(receipt | facts))


@pytest.fixture
def study(plan):
    return plan(seeds=[1, 2])


def asked(study, run, attempt=1):
    measured = Measured(study)
    memory = measured.memory(run.stage, UNMEASURED_MB)
    minutes = measured.runtime(run.stage, UNMEASURED_MINUTES)
    return memory(Wildcards(run), attempt), minutes(Wildcards(run), attempt)


def test_every_attempt_asks_for_more():
    assert [grows(60)(None, attempt) for attempt in (1, 2, 3)] == [60, 120, 180]


def test_the_rule_has_its_say_where_nothing_was_measured(study):
    run = study.target("none", ["xnli"], 1)
    assert asked(study, run) == (UNMEASURED_MB, UNMEASURED_MINUTES)
    assert asked(study, run, attempt=2) == (2 * UNMEASURED_MB, 2 * UNMEASURED_MINUTES)


# 2000 MB and a quarter, 300 MB of Snakemakes; 10 minutes and a half, 10 beside training.
MEASURED = (2000 * 1.25 + 300, 10 * 1.5 + 10)


@pytest.mark.parametrize(("row", "seed"), [("none", 2), ("mnli", 1), ("multitask", 2)])
def test_other_rows_and_seeds_of_a_column_are_alike(study, row, seed):
    leave_receipt(study, study.target("none", ["xnli"], 1))
    assert asked(study, study.target(row, ["xnli"], seed)) == MEASURED


def test_more_with_every_attempt(study):
    leave_receipt(study, study.target("none", ["xnli"], 1))
    twice = asked(study, study.target("mnli", ["xnli"], 1), attempt=2)
    assert twice == tuple(2 * amount for amount in MEASURED)


def test_the_most_that_was_seen_counts(study):
    leave_receipt(study, study.target("none", ["xnli"], 1))
    more = {"peak_memory_bytes": 4000 * 2**20, "wall_seconds": 60}
    leave_receipt(study, study.target("none", ["xnli"], 2), **more)
    assert asked(study, study.target("mnli", ["xnli"], 1)) == (4000 * 1.25 + 300, MEASURED[1])


@pytest.mark.parametrize(
    "edit",
    [
        {"target_tasks": ["pos"]},
        {"limits__train": 50},
        {"training__epochs": 7},
        {"training__batch_examples": 3},
        {"encoder__frozen_layers": 1},
        {"encoder__layers": 4},
    ],
)
def test_runs_that_cost_something_else_say_nothing(study, plan, edit):
    leave_receipt(study, study.target("none", ["xnli"], 1))
    other = plan(**edit)
    run = other.target("none", other.target_groups[0], 1)
    assert asked(other, run) == (UNMEASURED_MB, UNMEASURED_MINUTES)


def test_a_learning_rate_costs_nothing(study, plan):
    leave_receipt(study, study.target("none", ["xnli"], 1))
    other = plan(training__learning_rate=0.5)
    run = other.target("none", ["xnli"], 1)
    assert not run.receipt.exists()
    assert asked(other, run) == MEASURED


@pytest.mark.parametrize("facts", [{"status": "diverged"}, {"device": "A100"}])
def test_early_ends_and_other_devices_say_nothing(study, facts):
    leave_receipt(study, study.target("none", ["xnli"], 1), **facts)
    assert asked(study, study.target("none", ["xnli"], 2))[1] == UNMEASURED_MINUTES


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"recipe": 1, "status": "done"}', '{"status": "done"}']
)
def test_a_damaged_receipt_measures_nothing(study, text):
    path = Path("results/runs/target/broken/receipt.json")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert asked(study, study.target("none", ["xnli"], 1))[0] == UNMEASURED_MB
