"""The plan of a run, which weights it keeps, when it ends, and how it diverges."""

import json
import math
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from helpers.workshop import (
    KINDS,
    MIXTURE,
    TRAINING,
    make,
    parameters,
    predictions,
    products,
    weights,
)
from xstilts.core.files import file_sha256
from xstilts.core.processor import multiplies_bfloat16
from xstilts.core.receipts import publish
from xstilts.encoders import batching
from xstilts.training.loop import Training, plan
from xstilts.training.predict import Judged, Predictor, collapsed


def task_of(count, length=10):
    """As much of a task as the plan reads."""
    units = batching.Units(np.arange(count), np.ones(count, int), np.full(count, length))
    return SimpleNamespace(units=units, chosen=np.arange(count))


def settings(**more):
    return TRAINING | {"batch_examples": 8, "batch_tokens": None} | more


# The plan


@pytest.mark.parametrize(
    ("epochs", "steps"), [(1, 5), (2, 10), (0.5, 2), (2.5, 12), (0.01, 1), (1.3, 6)]
)
def test_steps_are_epochs_times_batches(epochs, steps):
    # 40 units in batches of 8 are 5 batches; halves are rounded to even, never to no step at all.
    found = plan([task_of(40)], settings(epochs=epochs), None, 1)
    assert len(found) == steps
    assert {number for number, _ in found} == {0}
    for begin in range(0, steps - 4, 5):
        seen = np.concatenate([batch for _, batch in found[begin : begin + 5]])
        assert sorted(seen) == list(range(40))


def test_each_epoch_has_its_own_order():
    batches = [batch.tolist() for _, batch in plan([task_of(40)], settings(epochs=3), None, 1)]
    epochs = [batches[i : i + 5] for i in (0, 5, 10)]
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]


def test_several_tasks_share_the_steps_and_each_goes_on_through_its_own_passes():
    tasks = [task_of(40), task_of(16), task_of(80)]
    found = plan(tasks, settings(epochs=3), MIXTURE | {"sampling": "uniform"}, 1)
    assert len(found) == 3 * (5 + 2 + 10)
    for number, size in enumerate((40, 16, 80)):
        own = [batch for task, batch in found if task == number]
        per_pass = size // 8
        assert len(own) > per_pass
        for begin in range(0, len(own) - per_pass + 1, per_pass):
            seen = np.concatenate(own[begin : begin + per_pass])
            assert sorted(seen) == list(range(size))


def test_tasks_are_drawn_by_the_mixture():
    rules = {"sampling": "capped", "temperature": 1, "cap": 16}
    found = plan([task_of(400), task_of(16), task_of(8)], settings(epochs=20), rules, 3)
    share = np.bincount([number for number, _ in found]) / len(found)
    expected = np.array([16, 16, 8]) / 40
    spread = np.sqrt(expected * (1 - expected) / len(found))
    assert (abs(share - expected) < 4 * spread).all()


def test_plan_depends_on_the_seed_alone():
    def batches(seed):
        found = plan([task_of(40), task_of(24)], settings(), MIXTURE, seed)
        return [(number, batch.tolist()) for number, batch in found]

    first = batches(1)
    np.random.seed(9)
    assert batches(1) == first
    assert batches(2) != first


# Which weights are kept


def snapshots(monkeypatch, scores):
    """Let evaluations give `scores` one after the other; the weights at each of them."""
    seen, given, original = [], iter(scores), Training.__init__

    def planned(model, task):
        seen.append(parameters(model))
        return Judged(["a", "b"], ["a", "b"], next(given))

    def start(self, model, tasks, recipe, evaluate, *rest):
        original(self, model, tasks, recipe, planned, *rest)

    monkeypatch.setattr(Training, "__init__", start)
    return seen


@pytest.mark.parametrize(
    ("scores", "best"),
    [([10.0, 30.0, 20.0], 1), ([10.0, 20.0, 30.0], 2), ([5.0, 5.0, 5.0], 0), ([0.0, 9.0, 9.0], 1)],
)
def test_weights_of_the_best_evaluation_are_kept_the_first_of_equals(
    workshop, monkeypatch, scores, best
):
    workshop.trained("pairs", "pair_classification")
    seen = snapshots(monkeypatch, scores)
    job = workshop.job("run", "intermediate", ["pairs"], evaluations=3, epochs=3)
    receipt = make(job)["training"]
    assert [step["step"] for step in receipt["dev_scores"]] == [5, 10, 15]
    assert [step["mean"] for step in receipt["dev_scores"]] == scores
    assert receipt["best_step"] == (best + 1) * 5
    kept = weights(job)
    assert len(kept) == 53
    for name, value in kept.items():
        assert np.array_equal(value, seen[best][f"encoder.{name}"].numpy()), name
    for number in {0, 1, 2} - {best}:
        other = seen[number]["encoder.encoder.layer.0.output.dense.weight"].numpy()
        assert not np.array_equal(kept["encoder.layer.0.output.dense.weight"], other)


def test_predictions_are_those_of_the_best_weights(workshop, monkeypatch):
    """The head is restored with the encoder: the dev score of the receipt is the best one."""
    workshop.trained("pairs", "pair_classification")
    job = workshop.job("run", "target", ["pairs"], ["pairs"], evaluations=5, epochs=5)
    receipt = make(job)
    tried = {step["step"]: step["mean"] for step in receipt["training"]["dev_scores"]}
    assert len(set(tried.values())) > 2
    assert receipt["dev"]["pairs"]["score"] == pytest.approx(max(tried.values()), abs=1e-4)
    assert tried[receipt["training"]["best_step"]] == max(tried.values())


def test_a_dev_set_is_never_judged_twice_with_the_same_weights(workshop, monkeypatch):
    for kind in KINDS:
        workshop.trained(kind, kind, count=16)
    judged, original = [], Predictor.judge

    def judge(self, model, task):
        judged.append(task.name)
        return original(self, model, task)

    monkeypatch.setattr(Predictor, "judge", judge)
    chance = {}

    def passes(*arguments, parent=None):
        judged.clear()
        job = workshop.job(*arguments, parent=parent, evaluations=2, epochs=1)
        chance[job.name] = {task: facts["chance"] for task, facts in make(job)["dev"].items()}
        return job, Counter(judged)

    # One more, with the untrained head, where that is chance and this run the one to tell it.
    parent, seen = passes("alone", "intermediate", ["tagging"])
    assert seen == {"tagging": 3}
    assert passes("pairs", "intermediate", ["pair_classification"])[1] == {"pair_classification": 2}
    assert passes("baseline", "target", ["span_qa"], ["span_qa"])[1] == {"span_qa": 3}
    assert passes("child", "target", ["span_qa"], ["span_qa"], parent=parent)[1] == {"span_qa": 2}
    assert passes("several", "intermediate", list(KINDS))[1] == dict.fromkeys(KINDS, 2)
    assert chance["baseline"]["span_qa"] >= 0
    assert chance["child"]["span_qa"] is None
    unknown = {name for name, value in chance["several"].items() if value is None}
    assert unknown == {"tagging", "span_qa", "regression"}


@pytest.mark.parametrize(
    ("patience", "steps", "best"), [(1, 15, 10), (2, 20, 10), (3, 30, 25), (None, 30, 25)]
)
def test_patience_counts_evaluations_without_a_better_score(
    workshop, monkeypatch, patience, steps, best
):
    workshop.trained("pairs", "pair_classification")
    snapshots(monkeypatch, [10.0, 30.0, 20.0, 30.0, 31.0, 5.0])
    job = workshop.job("run", "intermediate", ["pairs"], evaluations=6, epochs=6, patience=patience)
    receipt = make(job)["training"]
    assert (receipt["steps"], receipt["planned_steps"]) == (steps, 30)
    assert receipt["best_step"] == best


def test_mean_over_tasks_chooses_and_counts_are_those_of_the_plan(workshop):
    names = [workshop.trained(kind, kind) for kind in KINDS]
    job = workshop.job("run", "intermediate", names, epochs=3, evaluations=4)
    receipt = make(job)
    facts = receipt["training"]
    for step in facts["dev_scores"]:
        assert step["mean"] == pytest.approx(np.mean([step[name] for name in names]))
    best = max(facts["dev_scores"], key=lambda step: (step["mean"], -step["step"]))
    assert facts["best_step"] == best["step"]
    assert {name: receipt["dev"][name]["score"] for name in names} == {
        name: pytest.approx(best[name], abs=1e-4) for name in names
    }
    assert sum(facts["steps_by_task"].values()) == facts["steps"] == facts["planned_steps"]
    assert all(facts["examples_by_task"][n] <= 8 * facts["steps_by_task"][n] for n in names)


def test_loss_falls_and_every_kind_learns(workshop):
    for kind in KINDS:
        workshop.trained(kind, kind, count=48)
        more = {"epochs": 16, "evaluations": 1, "learning_rate": 2e-3, "frozen": 1}
        facts = make(workshop.job(kind, "intermediate", [kind], **more))["training"]
        assert facts["loss_last"] < 0.8 * facts["loss_first"], kind


def test_tokens_are_counted_without_padding(workshop):
    workshop.trained("pairs", "pair_classification")
    facts = make(workshop.job("run", "intermediate", ["pairs"], epochs=3))["training"]
    assert facts["tokens"] == 3 * len(workshop.inputs("pairs", "train").split.tokens)
    assert facts["examples_by_task"] == {"pairs": 120}


def test_dropout_differs_by_step_and_by_seed(workshop, monkeypatch):
    workshop.trained("pairs", "pair_classification")
    drawn = {}
    original = torch.manual_seed

    def spy(seed):
        generator = original(seed)
        state = generator.get_state()
        masks.append(tuple(torch.rand(4).tolist()))
        generator.set_state(state)
        return generator

    for seed in (1, 2):
        masks = drawn[seed] = []
        monkeypatch.setattr(torch, "manual_seed", spy)
        make(workshop.job(f"run{seed}", "intermediate", ["pairs"], seed=seed, dropout=0.1))
        monkeypatch.undo()
    every = [mask for masks in drawn.values() for mask in masks]
    assert len(every) == len(set(every)) == 2 * 11


# Divergence


def poison(workshop):
    path = workshop.encoder / "model.safetensors"
    tensors = load_file(path)
    tensors["encoder.layer.2.output.dense.weight"][0, 0] = np.nan
    save_file(tensors, path, metadata={"format": "pt"})
    # As the encoder's own job would vouch for it.
    publish(workshop.encoder, {"files": {path.name: file_sha256(path)}})


@pytest.mark.parametrize("how", ["from the start", "mid-run"])
def test_a_loss_that_is_not_finite_is_a_result_and_so_is_its_child(workshop, how):
    workshop.trained("pairs", "pair_classification")
    workshop.trained("tags", "tagging")
    more = {"gradient_clip": 1e30, "learning_rate": 1e30} if how == "mid-run" else poison(workshop)
    parent = workshop.job("parent", "intermediate", ["pairs"], epochs=6, **(more or {}))
    receipt = make(parent)
    assert receipt["status"] == "diverged"
    assert "the loss was" in receipt["reason"]
    steps = receipt["training"]["steps"]
    assert (steps == 0) == (how == "from the start")
    assert f"at step {steps + 1}" in receipt["reason"]
    assert steps < receipt["training"]["planned_steps"]
    assert (receipt["files"], receipt["dev"]) == ({}, {})
    assert [path.name for path in parent.folder.iterdir()] == ["receipt.json"]
    json.loads((parent.folder / "receipt.json").read_text(), parse_constant=pytest.fail)

    child = workshop.job("child", "target", ["tags"], ["tags"], parent=parent)
    receipt = make(child)
    assert receipt["status"] == "diverged"
    assert "intermediate run parent diverged" in receipt["reason"]
    assert predictions(child) == []
    assert sorted(receipt["files"]) == ["predictions.parquet"]
    assert not child.scratch.exists()


def test_a_target_run_that_diverges_has_an_empty_table_of_predictions(workshop):
    workshop.trained("pairs", "pair_classification")
    poison(workshop)
    job = workshop.job("run", "target", ["pairs"], ["pairs"])
    assert make(job)["status"] == "diverged"
    assert predictions(job) == []
    assert not (job.folder / "encoder.safetensors").exists()


def test_a_gradient_that_is_not_finite_is_told_from_a_loss(workshop, monkeypatch):
    workshop.trained("pairs", "pair_classification")
    original = torch.nn.utils.clip_grad_norm_

    def infinite(parameters, limit):
        return original(parameters, limit) * math.inf

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", infinite)
    receipt = make(workshop.job("run", "intermediate", ["pairs"]))
    assert receipt["status"] == "diverged"
    assert "norm of its gradient inf" in receipt["reason"]
    assert receipt["training"]["steps"] == 0


def task_named(name, kind):
    from xstilts.kinds import kind_of

    return SimpleNamespace(name=name, kind=kind_of(kind))


@pytest.mark.parametrize(
    ("kind", "predicted", "golds", "is_collapsed"),
    [
        ("pair_classification", ["a", "a", "a"], ["a", "b", "a"], True),
        ("pair_classification", ["a", "b", "a"], ["a", "b", "a"], False),
        ("pair_classification", ["a", "a", "a"], ["a", "a", "a"], False),  # all are right
        ("tagging", ["O O", "O"], ["O B-PER", "O"], True),
        ("tagging", ["O B-PER", "O"], ["O B-PER", "O"], False),
        ("span_qa", ["", ""], ['["x"]', '["y"]'], True),
        ("span_qa", ["in 1966", "in 1966"], ['["x"]', '["y"]'], True),
        ("span_qa", ["in 1966", "in 1967"], ['["x"]', '["y"]'], False),
    ],
)
def test_one_answer_to_all_questions_is_a_collapse(kind, predicted, golds, is_collapsed):
    found = collapsed(task_named("toy", kind), Judged(predicted, golds, 0.0))
    assert (found is not None) == is_collapsed
    if found:
        assert "toy" in found
        assert repr(predicted[0].split(" ")[0] if kind == "tagging" else predicted[0]) in found


def test_a_collapsed_run_is_diverged_with_its_reason(workshop, monkeypatch):
    workshop.trained("pairs", "pair_classification")
    job = workshop.job("run", "target", ["pairs"], ["pairs"], learning_rate=0.5, epochs=1)
    receipt = make(job)
    assert receipt["status"] == "diverged"
    assert receipt["training"]["diverged"] is None
    assert "every dev example of pairs is predicted as" in receipt["reason"]
    # Weights are finite, so that what it predicts can be looked at.
    assert len(predictions(job)) == 21


@pytest.mark.skipif(not multiplies_bfloat16(), reason="no bfloat16 on this processor")
@pytest.mark.parametrize("frozen", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_bfloat16_trains_and_predicts_every_kind(workshop, kind, frozen):
    workshop.trained(kind, kind)
    found = []
    for precision in ("float32", "bfloat16"):
        more = {"frozen": frozen, "precision": precision}
        job = workshop.job(precision, "target", [kind], [kind], **more)
        found.append((make(job), len(predictions(job))))
    (plain, count), (coarse, other) = found
    assert (coarse["status"], count) == ("done", other)
    plain, coarse = plain["training"], coarse["training"]
    assert coarse["loss_first"] != plain["loss_first"]
    assert coarse["loss_first"] == pytest.approx(plain["loss_first"], rel=0.05)


def test_evaluations_are_evenly_spaced_and_end_with_the_last_step(workshop):
    workshop.trained("pairs", "pair_classification")
    for evaluations, steps in ((3, [3, 7, 10]), (1, [10]), (50, list(range(1, 11)))):
        job = workshop.job(f"run{evaluations}", "intermediate", ["pairs"], evaluations=evaluations)
        found = [step["step"] for step in make(job)["training"]["dev_scores"]]
        assert found == steps


def test_products_hold_every_file(workshop):
    """What the tests of repeatability compare."""
    workshop.trained("pairs", "pair_classification")
    job = workshop.job("run", "target", ["pairs"], ["pairs"])
    make(job)
    files, facts = products(job)
    assert sorted(files) == ["encoder.safetensors", "predictions.parquet"]
    assert facts["training"]["steps"] == 10
