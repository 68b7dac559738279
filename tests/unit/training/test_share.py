"""Runs at a lower fidelity: which examples they learn from, and for how many steps."""

import json

import numpy as np
import pytest

from helpers.workshop import KINDS
from xstilts.core.draws import hash_rank
from xstilts.training.intermediate import finetune_intermediate
from xstilts.training.loop import plan
from xstilts.training.model import open_task
from xstilts.training.share import units_of_share


def opened(workshop, task, kind, share=None):
    settings = {"task": task, "kind": kind, "metric": KINDS[kind][2], "head": "first"}
    if share is not None:
        settings["share"] = {"of": share, "seed": 1}
    return open_task(settings, {"data": str(workshop.data(task))}, 0)


def learned(task):
    """Ids of the examples that a run trains on."""
    split = task.train.split
    rows = np.unique(split.example[task.units.sequences(task.chosen)])
    return {split.table["example_id"][int(row)].as_py() for row in rows}


@pytest.mark.parametrize("kind", KINDS)
def test_a_smaller_share_is_part_of_a_larger_one(workshop, kind):
    name = workshop.trained("task", kind, count=40)
    every = learned(opened(workshop, name, kind))
    shares = [learned(opened(workshop, name, kind, share)) for share in (0.1, 0.25, 0.5, 0.9)]
    assert [len(found) for found in shares] == [4, 10, 20, 36]
    for smaller, larger in zip(shares, [*shares[1:], every], strict=True):
        assert smaller < larger
    # Those whose hash is smallest, as a limit would have taken them.
    ranked = sorted(every, key=lambda example: hash_rank(1, example))
    assert shares[1] == set(ranked[:10])


def test_questions_keep_all_their_sequences_and_no_one_elses(workshop):
    name = workshop.trained("task", "multiple_choice", count=40)
    task = opened(workshop, name, "multiple_choice", 0.25)
    sequences = task.units.sequences(task.chosen)
    rows = task.train.split.example
    assert np.isin(rows, rows[sequences]).sum() == len(sequences)
    offsets, tokens = task.train.split.offsets, task.train.split.tokens
    wanted = np.concatenate([tokens[offsets[one] : offsets[one + 1]] for one in sequences])
    assert np.array_equal(task.read_tokens(), wanted) and len(wanted) < len(tokens)


def test_everything_is_taken_where_no_share_is_named(workshop):
    name = workshop.trained("task", "tagging", count=9)
    task = opened(workshop, name, "tagging")
    assert task.chosen.tolist() == list(range(len(task.units.first)))
    assert task.read_tokens() is task.train.split.tokens
    few = units_of_share(task.units, task.train.split, {"of": 1e-9, "seed": 1})
    assert len(few) == 1


def test_the_plan_of_a_run_reads_the_share_alone_and_ends_at_the_most_steps(workshop):
    name = workshop.trained("task", "pair_classification", count=40)
    task = opened(workshop, name, "pair_classification", 0.25)
    settings = {"batch_examples": 4, "batch_tokens": None, "epochs": 2}
    steps = plan([task], settings, None, 1)
    assert len(steps) == 6
    first = np.concatenate([batch for _, batch in steps[:3]])
    assert sorted(first) == task.chosen.tolist()
    assert len(plan([task], settings | {"steps": 2}, None, 1)) == 2
    assert len(plan([task], settings | {"steps": 99}, None, 1)) == 6


def test_a_run_of_a_share_says_how_much_it_learned_from(workshop):
    name = workshop.trained("task", "pair_classification", count=40)
    job = workshop.job("cheap", "intermediate", [name], steps=1)
    job.recipe["tasks"][0]["share"] = {"of": 0.25, "seed": 1}
    finetune_intermediate(job)
    receipt = json.loads((job.folder / "receipt.json").read_text())
    assert receipt["data"][name]["trained_units"] == 10
    assert receipt["training"]["steps"] == 1
