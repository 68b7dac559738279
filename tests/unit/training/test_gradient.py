"""The gradient of a batch in parts, and with layers computed twice, against that of the batch."""

import numpy as np
import pytest
import torch

from helpers.workshop import KINDS, make, predictions, weights
from xstilts.core.draws import derived_seed
from xstilts.core.processor import multiplies_bfloat16
from xstilts.encoders.load import load_encoder
from xstilts.training import loop
from xstilts.training.gradient import put_gradient
from xstilts.training.model import Model, open_task

CPU = torch.device("cpu")


def opened(workshop, kind, dropout=0.0):
    """A model on one task, and the task."""
    workshop.trained("task", kind)
    settings = workshop._task("task", "segments")
    task = open_task(settings, {"data": str(workshop.data("task"))}, 0)
    encoder = load_encoder(workshop.encoder, dropout=dropout)
    return Model(encoder, [task], dropout, 1).train(), task


def gradients(model, task, batch, parts=1, precision="float32"):
    torch.manual_seed(5)
    loss = put_gradient(model, task, batch, parts, precision, CPU)
    found = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}
    return loss.item(), found


def distance(some, others):
    assert some.keys() == others.keys()
    size = max(one.abs().max().item() for one in some.values())
    return max((some[n] - others[n]).abs().max().item() for n in some) / size


@pytest.mark.parametrize("parts", [2, 3, 7, 100])
@pytest.mark.parametrize("kind", KINDS)
def test_parts_give_the_gradient_of_the_whole(workshop, kind, parts):
    model, task = opened(workshop, kind)
    batch = np.arange(7)
    loss, whole = gradients(model, task, batch)
    again, found = gradients(model, task, batch, parts)
    assert again == pytest.approx(loss, rel=1e-6)
    assert distance(whole, found) < 1e-5


def test_parts_count_by_their_words_and_not_alike(workshop):
    """The mean of the parts' means is another gradient where sentences differ in length."""
    model, task = opened(workshop, "tagging")
    batch = np.arange(7)
    _, whole = gradients(model, task, batch)
    means = [gradients(model, task, piece)[1] for piece in np.array_split(batch, 3)]
    mean = {name: sum(one[name] for one in means) / 3 for name in whole}
    assert distance(whole, mean) > 1e-3


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("kind", ["pair_classification", "tagging"])
def test_layers_computed_twice_change_nothing(workshop, kind, precision, monkeypatch):
    if precision == "bfloat16" and not multiplies_bfloat16():
        pytest.skip("this processor has no instructions for bfloat16")
    model, task = opened(workshop, kind, dropout=0.3)
    batch, calls = np.arange(7), []
    layer = model.encoder.encoder["layer"]["1"]
    layer.register_forward_pre_hook(lambda *_: calls.append(1))
    loss, kept = gradients(model, task, batch, precision=precision)
    assert len(calls) == 1
    model.encoder.recompute_layers()
    again, found = gradients(model, task, batch, precision=precision)
    assert len(calls) == 3
    assert again == loss
    assert all(torch.equal(kept[name], found[name]) for name in kept)


def test_a_run_that_computes_layers_twice_is_the_same_run(workshop):
    workshop.trained("task", "tagging")
    runs = []
    for name, twice in (("kept", False), ("twice", True)):
        job = workshop.job(name, "target", ["task"], ["task"], dropout=0.2)
        object.__setattr__(job, "activation_checkpointing", twice)
        assert make(job)["status"] == "done"
        runs.append((weights(job), predictions(job)))
    (kept, said), (twice, said_again) = runs
    assert said == said_again
    assert all(np.array_equal(kept[name], twice[name]) for name in kept)


def test_a_run_in_parts_learns_as_the_whole_does(workshop, monkeypatch):
    """Losses alone: AdamW gives a weight whose gradient is rounding error a step of full size."""
    workshop.trained("task", "tagging")
    pieces = []
    put = loop.put_gradient

    def noting(model, task, batch, parts, *more):
        pieces.append(parts)
        return put(model, task, batch, parts, *more)

    monkeypatch.setattr(loop, "put_gradient", noting)
    whole = workshop.job("whole", "target", ["task"], ["task"])
    parts = workshop.job("parts", "target", ["task"], ["task"], gradient_accumulation=3)
    one, other = make(whole)["training"], make(parts)["training"]
    assert set(pieces) == {1, 3}
    assert one["loss_last"] < one["loss_first"]
    for when in ("loss_first", "loss_last"):
        assert other[when] == pytest.approx(one[when], rel=1e-4)


def test_dropout_of_parts_follows_the_step(workshop):
    """A resumed run draws what an undisturbed one draws."""
    model, task = opened(workshop, "pair_classification", dropout=0.3)
    batch, found = np.arange(7), []
    for _ in range(2):
        torch.rand(3)
        torch.manual_seed(derived_seed(1, "dropout", 4))
        found.append(put_gradient(model, task, batch, 3, "float32", CPU).item())
    assert found[0] == found[1]
