"""AdamW and its schedule against torch's class and transformers' schedule."""

import pytest
import torch
from torch import nn

from helpers.imported_modules import assert_never_imported
from helpers.workshop import TRAINING, Workshop, make
from xstilts.training.optimiser import AdamW, groups, learning_rate_at

SETTINGS = TRAINING | {"weight_decay": 0.1}


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        layer = {"dense": nn.Linear(5, 7), "LayerNorm": nn.LayerNorm(7)}
        self.encoder = nn.Sequential(*layer.values())
        self.heads = nn.ModuleDict({"one": nn.Linear(7, 2), "two": nn.Linear(7, 3)})


def backward(model, step):
    """Gradients of one task, now of one head, now of the other."""
    model.zero_grad(set_to_none=True)
    states = torch.randn(4, 5, generator=torch.Generator().manual_seed(step))
    head = model.heads["two" if step % 3 == 2 else "one"]
    (head(model.encoder(states)) ** 2).sum().backward()


@pytest.mark.parametrize("head_rate", [None, 0.02])
def test_same_weights_as_torchs_class_bit_for_bit(head_rate):
    ours, theirs = Small(), Small()
    optimiser = AdamW(groups(ours, SETTINGS | {"head_learning_rate": head_rate}))
    rates = {"encoder": 5e-3, "heads": head_rate or 5e-3}
    theirs_groups = [
        {"params": [p], "peak": rates[name.split(".")[0]], "weight_decay": 0.1 * (p.ndim > 1)}
        for name, p in theirs.named_parameters()
    ]
    reference = torch.optim.AdamW(theirs_groups, eps=1e-8, fused=True)
    for step in range(12):
        backward(ours, step)
        backward(theirs, step)
        share = learning_rate_at(step, 12, 3)
        for group in reference.param_groups:
            group["lr"] = group["peak"] * share
        optimiser.step(share)
        reference.step()
        for (name, one), two in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            assert torch.equal(one, two), (step, name)


def test_biases_and_layer_norms_do_not_decay_and_resting_heads_stay():
    model = Small()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimiser = AdamW(groups(model, SETTINGS))
    for name, parameter in model.named_parameters():
        if not name.startswith("heads.two"):
            parameter.grad = torch.zeros_like(parameter)
    optimiser.step(0.5)
    decayed = {"encoder.0.weight": 5e-3, "heads.one.weight": 1e-2}
    for name, parameter in model.named_parameters():
        # Without a gradient AdamW only decays: w - rate * decay * w (Loshchilov and Hutter 2019).
        shrink = 1 - 0.5 * decayed.get(name, 0) * 0.1
        torch.testing.assert_close(parameter.detach(), shrink * before[name], rtol=1e-6, atol=0)


@pytest.mark.parametrize(("steps", "warmup"), [(10, 0), (10, 3), (50, 5), (7, 7), (1, 0), (1, 1)])
def test_schedule_is_that_of_transformers_without_its_lost_first_step(steps, warmup):
    from transformers import get_linear_schedule_with_warmup

    schedule = get_linear_schedule_with_warmup(
        torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0), warmup, steps
    )
    theirs = schedule.lr_lambdas[0]
    for step in range(steps):
        rising = step < warmup
        expected = theirs(step + 1) if rising and step + 1 < warmup else None
        expected = 1.0 if rising and step + 1 == warmup else expected
        expected = theirs(step) if not rising else expected
        assert learning_rate_at(step, steps, warmup) == pytest.approx(expected, abs=1e-12)
    # The last step still moves, and the rate would be 0 after it.
    assert learning_rate_at(steps - 1, steps, warmup) > 0
    assert learning_rate_at(steps, steps, warmup) == 0


def test_the_encoder_has_its_rate_and_the_head_its_own(workshop: Workshop):
    workshop.trained("pairs", "pair_classification")
    from xstilts.training.fine_tune import fit

    job = workshop.job("run", "intermediate", ["pairs"], weight_decay=0.25)
    found = groups(fit(job).model, job.recipe["training"])
    rates = {name: (g.peak, g.decay) for g in found for name in g.parameters}
    assert len(rates) == sum(len(group.parameters) for group in found) == 53 + 2
    for name, own in rates.items():
        plain = name.endswith("bias") or "LayerNorm" in name
        rate = 1e-2 if name.startswith("heads.") else 5e-3
        assert own == (rate, 0.0 if plain else 0.25), name


def test_a_job_does_not_import_torchs_compiler(workshop: Workshop):
    """It would cost every job of a study a second of CPU."""
    workshop.trained("pairs", "pair_classification", count=8)
    job = workshop.job("run", "target", ["pairs"], ["pairs"])
    code = (
        "from pathlib import Path, PosixPath\n"
        "from xstilts.training.job import Job\n"
        "from xstilts.training.target import finetune_target\n"
        f"finetune_target({job!r})\n"
    )
    assert_never_imported(code, "torch._dynamo", "sympy", "transformers", "scipy", "sklearn")
    assert (job.folder / "receipt.json").is_file()
    assert make(job)["status"] == "done"
