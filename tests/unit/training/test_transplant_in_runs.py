"""What a run takes over from its intermediate run, and what it never does."""

import hashlib

import pytest
import torch
from safetensors.torch import load_file

from helpers.workshop import LAYERS, make, parameters, weights
from xstilts.core.files import file_sha256
from xstilts.training.loop import Training


@pytest.fixture
def starts(monkeypatch):
    """All parameters of every run before its first step, by order of runs."""
    seen, original = [], Training.run

    def run(self):
        seen.append(parameters(self.model))
        return original(self)

    monkeypatch.setattr(Training, "run", run)
    return seen


def part(state, prefix):
    return {n.removeprefix(prefix): p for n, p in state.items() if n.startswith(prefix)}


def equal(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.fixture
def family(workshop, starts):
    """Two intermediate runs on different tasks, and a child of each on the task of the first."""
    workshop.trained("pairs", "pair_classification")
    workshop.trained("tags", "tagging")
    made = {}
    for frozen in (0, 1):
        for name in ("pairs", "tags"):
            parent = workshop.job(f"{name}{frozen}", "intermediate", [name], frozen=frozen)
            make(parent)
            child = workshop.job(
                f"child-of-{name}{frozen}", "target", ["pairs"], ["pairs"], parent, frozen=frozen
            )
            receipt = make(child)
            made[name, frozen] = (parent, child, receipt, starts[-1])
    return made


def test_all_trained_tensors_arrive_and_the_receipt_proves_it(family):
    for (name, frozen), (parent, _, receipt, start) in family.items():
        proof = receipt["transplant"]
        stored = {one: torch.from_numpy(tensor) for one, tensor in weights(parent).items()}
        assert equal(part(start, "encoder."), stored)
        # 16 tensors in a layer, 5 in the embeddings; nothing of what is frozen.
        assert proof["carried"] == len(stored) == 16 * (LAYERS - frozen) + (0 if frozen else 5)
        assert proof["from"] == receipt["parents"]["intermediate"] == f"{name}{frozen}"
        assert proof["weights_sha256"] == file_sha256(parent.folder / "encoder.safetensors")
        names = "\n".join(sorted(stored))
        assert proof["names_digest"] == hashlib.sha256(names.encode()).hexdigest()[:12]
        assert receipt["parents"]["encoder"] == "encoder"


def test_heads_are_never_carried_over(family):
    for frozen in (0, 1):
        one, two = (family[name, frozen][3] for name in ("pairs", "tags"))
        assert equal(part(one, "heads."), part(two, "heads."))
        assert not equal(part(one, "encoder."), part(two, "encoder."))
    # Not even the head of the same task, which its intermediate run trained.
    parent = family["pairs", 0][0]
    assert not any("head" in name or "linear" in name for name in weights(parent))


def test_the_start_of_a_head_depends_on_the_seed_alone(workshop, starts):
    workshop.trained("pairs", "pair_classification")
    more = ({}, {"dropout": 0.3}, {"frozen": 1}, {"learning_rate": 1e-4})
    for number, settings in enumerate(more):
        torch.rand(number + 3)
        make(workshop.job(f"run{number}", "intermediate", ["pairs"], **settings))
    make(workshop.job("other", "intermediate", ["pairs"], seed=2))
    heads = [part(start, "heads.") for start in starts]
    assert all(equal(heads[0], head) for head in heads[:4])
    assert not equal(heads[0], heads[4])


def test_a_run_without_intermediate_task_starts_from_the_encoder_as_it_came(workshop, starts):
    workshop.trained("pairs", "pair_classification")
    receipt = make(workshop.job("run", "target", ["pairs"], ["pairs"]))
    assert receipt["transplant"] == {"from": "encoder", "carried": 0}
    assert equal(part(starts[0], "encoder."), load_file(workshop.encoder / "model.safetensors"))
    assert "intermediate" not in receipt["parents"]


def test_a_run_of_several_tasks_keeps_one_encoder_and_no_head(workshop, starts):
    workshop.trained("pairs", "pair_classification")
    workshop.trained("tags", "tagging")
    parent = workshop.job("both", "intermediate", ["pairs", "tags"])
    receipt = make(parent)
    assert {name.split(".")[0] for name in part(starts[0], "heads.")} == {"pairs", "tags"}
    assert sorted(weights(parent)) == receipt["encoder_tensors"]
    assert len(receipt["encoder_tensors"]) == 53
    child = make(workshop.job("child", "target", ["tags"], ["tags"], parent))
    assert child["transplant"]["carried"] == 53
