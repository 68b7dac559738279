"""Runs by each way of making steps against runs by the plain one, on a processor."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from helpers.workshop import KINDS, make, products, weights
from xstilts.core.errors import StudyError
from xstilts.core.gpu_steps import GRAPHS, LEAN, PACKED
from xstilts.core.processor import multiplies_bfloat16
from xstilts.core.termination import Interrupted
from xstilts.encoders import graphed
from xstilts.encoders.load import load_encoder
from xstilts.training import checkpoint
from xstilts.training.loop import Training
from xstilts.training.model import Model
from xstilts.training.update import LeanUpdate
from xstilts.training.ways import stack_layers

PRECISIONS = ["float32", *(["bfloat16"] if multiplies_bfloat16() else [])]
CPU = torch.device("cpu")


def job_by(workshop, way, name, stage="target", tasks=("task",), targets=("task",), **more):
    job = workshop.job(f"{name}-{way}", stage, list(tasks), list(targets), **more)
    if way != "plain":
        job.recipe["gpu_step"] = way
    return job


def noted_losses(monkeypatch):
    """The losses of the training that is made last."""
    noted, original = [], Training.run

    def run(self):
        facts = original(self)
        noted[:] = self.progress.losses
        return facts

    monkeypatch.setattr(Training, "run", run)
    return noted


def fifty_steps(workshop, monkeypatch, way, **more):
    """Losses of 50 steps, the receipt, and the weights."""
    losses = noted_losses(monkeypatch)
    settings = {"epochs": 10, "evaluations": 2, "learning_rate": 1e-3, "head_learning_rate": 2e-3}
    job = job_by(workshop, way, f"run{len(more)}", **settings | more)
    receipt = make(job)
    assert receipt["status"] == "done"
    return list(losses), receipt, weights(job)


CASES = [(LEAN, kind, "float32") for kind in KINDS]
# torch packs slowly on a processor.
CASES += [(PACKED, kind, "float32") for kind in ("tagging", "span_qa", "multiple_choice")]
CASES += [(way, "pair_classification", PRECISIONS[-1]) for way in (LEAN, PACKED)]


@pytest.mark.parametrize(("way", "kind", "precision"), dict.fromkeys(CASES))
def test_losses_of_fifty_steps_are_those_of_the_plain_step(
    workshop, monkeypatch, way, kind, precision
):
    workshop.trained("task", kind)
    plain, one, _ = fifty_steps(workshop, monkeypatch, "plain", precision=precision)
    found, other, _ = fifty_steps(workshop, monkeypatch, way, precision=precision)
    assert len(found) >= 50
    exact = {"float32": 2e-3, "bfloat16": 0.1}[precision]
    assert found == pytest.approx(plain, rel=exact, abs=exact)
    assert found[:3] == pytest.approx(plain[:3], rel=exact / 20, abs=exact / 20)
    for fact in ("steps", "tokens", "examples_by_task"):
        assert one["training"][fact] == other["training"][fact]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_lean_steps_draw_the_same_dropout(workshop, monkeypatch, precision):
    workshop.trained("task", "tagging")
    more = {"precision": precision, "dropout": 0.2}
    plain, *_ = fifty_steps(workshop, monkeypatch, "plain", **more)
    found, *_ = fifty_steps(workshop, monkeypatch, LEAN, **more)
    exact = {"float32": 1e-3, "bfloat16": 0.1}[precision]
    assert found == pytest.approx(plain, rel=exact, abs=exact)
    assert plain[:5] != fifty_steps(workshop, monkeypatch, "plain", precision=precision)[0][:5]


@pytest.mark.skipif(not multiplies_bfloat16(), reason="no instructions for bfloat16")
def test_copies_in_bfloat16_are_what_autocast_computes_with(workshop, monkeypatch):
    """Bit for bit, but for what fusing the projections and folding the clipping round elsewhere."""
    workshop.trained("task", "tagging")
    monkeypatch.setattr("xstilts.training.lean_weights.Encoder", SimpleNamespace)
    more = {"precision": "bfloat16", "gradient_clip": None}
    plain, _, first = fifty_steps(workshop, monkeypatch, "plain", **more)
    found, _, second = fifty_steps(workshop, monkeypatch, LEAN, **more)
    assert found == plain
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("more", [
    {"frozen": 1}, {"gradient_accumulation": 3}, {"gradient_clip": None}, {"weight_decay": 0.0},
], ids=str)  # fmt: skip
def test_lean_steps_under_other_settings(workshop, monkeypatch, precision, more):
    workshop.trained("task", "pair_classification")
    plain, *_ = fifty_steps(workshop, monkeypatch, "plain", precision=precision, **more)
    found, *_ = fifty_steps(workshop, monkeypatch, LEAN, precision=precision, **more)
    exact = {"float32": 2e-3, "bfloat16": 0.1}[precision]
    assert found == pytest.approx(plain, rel=exact, abs=exact)


@pytest.mark.parametrize("way", [LEAN, PACKED])
def test_several_tasks(workshop, way):
    names = [workshop.trained(kind, kind) for kind in ("tagging", "span_qa", "multiple_choice")]
    losses = []
    for how in ("plain", way):
        job = job_by(workshop, how, "several", "intermediate", names, (), evaluations=2)
        object.__setattr__(job, "activation_checkpointing", how == LEAN)
        facts = make(job)["training"]
        losses.append((facts["loss_first"], facts["loss_last"]))
    assert losses[1] == pytest.approx(losses[0], rel=5e-3)


# What is kept


@pytest.mark.parametrize("precision", PRECISIONS)
def test_names_shapes_and_types_of_the_weights_are_the_same(workshop, monkeypatch, precision):
    workshop.trained("task", "tagging")
    first = fifty_steps(workshop, monkeypatch, "plain", precision=precision)[2]
    second = fifty_steps(workshop, monkeypatch, LEAN, precision=precision)[2]
    assert first.keys() == second.keys()
    for name, weight in first.items():
        assert (weight.shape, weight.dtype) == (second[name].shape, second[name].dtype)
        assert np.abs(weight - second[name]).max() < 0.1, name


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("way", [LEAN, PACKED])
def test_a_killed_run_goes_on_bit_for_bit(workshop, monkeypatch, way, precision):
    workshop.trained("task", "pair_classification")
    more = {"precision": precision, "dropout": 0.1, "epochs": 8, "evaluations": 2}
    whole = job_by(workshop, way, "whole", **more)
    make(whole)
    job = job_by(workshop, way, "killed", checkpoint_seconds=0, **more)
    original = Training._step

    class Killed(BaseException):
        pass

    def step(self):
        if self.progress.step == 33:
            raise Killed
        original(self)

    save = checkpoint.save
    with monkeypatch.context() as patch:
        patch.setattr(Training, "_step", step)
        patch.setattr(checkpoint, "save", lambda folder, tensors, state: save(
            folder, tensors, state) if state["step"] == 27 else None)  # fmt: skip
        with pytest.raises(Killed):
            make(job)
    make(job)
    assert products(job) == products(whole)


def test_a_terminated_run_goes_on_bit_for_bit(workshop, monkeypatch):
    workshop.trained("task", "tagging")
    whole = job_by(workshop, LEAN, "whole", epochs=8)
    make(whole)
    job = job_by(workshop, LEAN, "ended", epochs=8)
    original = Training._tell

    def tell(self):
        original(self)
        if self.progress.step == 13:
            from xstilts.core.termination import _State

            _State.requested = True

    with monkeypatch.context() as patch:
        patch.setattr(Training, "_tell", tell)
        with pytest.raises(Interrupted):
            make(job)
    make(job)
    assert products(job) == products(whole)


# Divergence


def poisoned(monkeypatch, at):
    """Make the loss of step `at` not a number."""
    from xstilts.training import loop

    original, calls = loop.put_gradient, []

    def put(*arguments):
        calls.append(1)
        loss = original(*arguments)
        if len(calls) == at:
            return loss * float("nan")
        return loss

    monkeypatch.setattr(loop, "put_gradient", put)
    return calls


@pytest.mark.parametrize("at", [1, 7, 20, 33, 40])
def test_divergence_is_told_as_of_the_plain_step_and_nothing_is_published(
    workshop, monkeypatch, at
):
    workshop.trained("task", "pair_classification")
    receipts, taken = [], []
    for way in ("plain", LEAN):
        with monkeypatch.context() as patch:
            calls = poisoned(patch, at)
            job = job_by(workshop, way, "bad", "intermediate", targets=(), epochs=8, evaluations=2)
            receipts.append(make(job))
            taken.append(len(calls))
        assert not (job.folder / "encoder.safetensors").exists()
    plain, lean = receipts
    assert plain["status"] == lean["status"] == "diverged"
    for receipt in receipts:
        assert receipt["reason"].startswith("the loss was nan, the norm of its gradient ")
        assert receipt["reason"].endswith(f", at step {at}")
    for fact in ("steps", "tokens", "best_step"):
        assert lean["training"][fact] == plain["training"][fact]
    assert taken[0] == at
    assert 0 <= taken[1] - at < LeanUpdate.reads_every


def test_a_step_that_diverged_moves_nothing(workshop):
    workshop.trained("task", "tagging")
    from xstilts.training.model import open_task
    from xstilts.training.optimiser import AdamW, groups

    task = open_task(workshop._task("task", "segments"), {"data": str(workshop.data("task"))}, 0)
    model = Model(load_encoder(workshop.encoder), [task], 0.0, 1).train()
    settings = {"learning_rate": 0.1, "head_learning_rate": None, "weight_decay": 0.1}
    optimiser = AdamW(groups(model, settings))
    kept = model.trained()
    update = LeanUpdate(model, optimiser, 1.0, narrow=False)
    before = {name: one.detach().clone() for name, one in kept.items()}
    for poison, moves in ((torch.nan, False), (torch.inf, False), (1.0, True)):
        update.clear()
        loss = model.loss(task, np.arange(4), CPU)
        loss.backward()
        update.gather()
        update.step(loss.detach() * poison, 1.0)
        same = all(torch.equal(before[name], one) for name, one in kept.items())
        assert same is not moves
        counts = {int(one) for name, one in optimiser.moments.items() if "count" in name}
        assert counts == {int(moves)}


# Padding, masks and graphs


def test_packed_layers_are_the_padded_ones_without_padding(workshop):
    from xstilts.encoders.packed import PackedLayers

    encoder = load_encoder(workshop.encoder).train()
    lengths = np.array([3, 9, 1, 7])
    mask = torch.from_numpy(np.arange(9) < lengths[:, None])
    hidden = torch.randn(4, 9, 16, generator=torch.Generator().manual_seed(1))
    found = []
    for stacked in (None, PackedLayers(encoder)):
        encoder.stacked = stacked
        encoder.zero_grad()
        start = hidden.clone().requires_grad_()
        states = encoder.run(start, mask, lengths=lengths)
        states[mask].square().sum().backward()
        gradients = {n: p.grad.clone() for n, p in encoder.named_parameters() if p.grad is not None}
        found.append((states, start.grad, gradients))
    (padded, at_start, plain), (packed, also, lean) = found
    torch.testing.assert_close(packed[mask], padded[mask], rtol=1e-5, atol=1e-5)
    assert not packed[~mask].any()
    torch.testing.assert_close(also[mask], at_start[mask], rtol=1e-4, atol=1e-4)
    assert plain.keys() == lean.keys()
    for name in plain:
        torch.testing.assert_close(lean[name], plain[name], rtol=1e-4, atol=2e-3)


def test_no_padding_is_known_from_lengths_alone(monkeypatch):
    from xstilts.encoders.bert import attention_bias

    mask = torch.ones(2, 5, dtype=torch.bool)
    with monkeypatch.context() as patch:
        patch.setattr(torch.Tensor, "all", None)
        assert attention_bias(mask, torch.float32, np.array([5, 5])) is None
        mask[1, 3:] = False
        bias = attention_bias(mask, torch.float32, np.array([5, 3]))
    assert torch.equal(bias, attention_bias(mask, torch.float32))


def replayed(stack, samples):
    """A pass as torch.cuda.make_graphed_callables has it: inputs, outputs and gradients lie in
    places of its own, which the next pass overwrites."""
    parameters = tuple(stack.parameters())
    surface = [one for one in (*samples, *parameters) if one.requires_grad]
    gradients = [torch.empty_like(one) for one in surface]
    compute, held = stack.forward, {}

    class Replay(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *inputs):
            for static, given in zip(samples, inputs, strict=False):
                static.data.copy_(given)
            with torch.enable_grad():
                held["states"] = compute(*samples)
            place = held.setdefault("place", torch.empty_like(held["states"]))
            return place.copy_(held["states"].detach()).detach()

        @staticmethod
        def backward(ctx, slope):
            found = torch.autograd.grad(held["states"], surface, slope)
            for place, gradient in zip(gradients, found, strict=True):
                place.copy_(gradient)
            ready = iter(gradients)
            return tuple(
                next(ready).detach() if one.requires_grad else None
                for one in (*samples, *parameters)
            )

    return lambda *inputs: Replay.apply(*inputs, *parameters)


@pytest.fixture
def no_gpu(monkeypatch):
    """What stands in for CUDA graphs here; the shapes that were captured."""
    captured = []

    def make_graphed(stack, samples, pool=None):
        assert pool == "pool" and all(p.requires_grad for p in stack.parameters())
        captured.append(samples)
        return replayed(stack, samples)

    cuda = {
        "graph_pool_handle": lambda: "pool",
        "make_graphed_callables": make_graphed,
        "get_rng_state": lambda device: torch.get_rng_state(),
        "set_rng_state": lambda state, device: torch.set_rng_state(state),
    }
    for name, stand_in in cuda.items():
        monkeypatch.setattr(torch.cuda, name, stand_in)
    monkeypatch.setattr("xstilts.training.ways._check", lambda *_: None)
    return captured


@pytest.mark.parametrize("frozen", [0, 1])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_losses_with_graphs_of_the_commonest_shapes(
    workshop, monkeypatch, no_gpu, precision, frozen
):
    workshop.trained("task", "pair_classification")
    more = {"precision": precision, "frozen": frozen}
    plain, *_ = fifty_steps(workshop, monkeypatch, "plain", **more)
    found, *_ = fifty_steps(workshop, monkeypatch, GRAPHS, **more)
    exact = {"float32": 2e-3, "bfloat16": 0.1}[precision]
    assert found == pytest.approx(plain, rel=exact, abs=exact)
    shapes = {tuple(hidden.shape[:2]) for hidden, _ in no_gpu}
    assert 0 < len(shapes) == len(no_gpu) <= graphed.MOST_GRAPHS
    assert all(length % graphed.STEP == 0 for _, length in shapes)
    for hidden, bias in no_gpu:
        assert bias.shape == (hidden.shape[0], 1, 1, hidden.shape[1]) and not bias.requires_grad
        assert hidden.requires_grad is not bool(frozen)


def test_a_run_with_graphs_that_was_killed_goes_on_bit_for_bit(workshop, monkeypatch, no_gpu):
    """Captures draw no dropout, so that it does not matter at which step they are made."""
    test_a_killed_run_goes_on_bit_for_bit(workshop, monkeypatch, GRAPHS, PRECISIONS[-1])


def test_graphs_read_exactly_the_weights_that_layers_compute_with(workshop):
    workshop.trained("task", "tagging")
    from xstilts.training.lean_weights import LeanWeights

    encoder = load_encoder(workshop.encoder).train()
    model = SimpleNamespace(encoder=encoder, modules=encoder.modules)
    count = len(encoder.layer_parameters())
    lean = LeanWeights(model, narrow=False)
    # Three weights and three biases of each layer became one.
    assert len(encoder.layer_parameters()) == count - 4 * encoder.layer_count
    mask = torch.ones(2, 5, dtype=torch.bool)
    states = encoder.run(torch.randn(2, 5, 16), mask)
    gradients = torch.autograd.grad(states.sum(), encoder.layer_parameters())
    assert all(one is not None for one in gradients)
    lean.release()
    assert len(encoder.layer_parameters()) == count


def test_the_commonest_shapes_of_the_plan_have_graphs():
    layers = graphed.GraphedLayers(None, None)
    shapes = [(32, n) for n in range(1, 200) for _ in range(n)] + [(5, 7)]
    layers.choose(shapes)
    assert len(layers.graphs) == graphed.MOST_GRAPHS
    assert set(layers.graphs) == {(32, 16 * n) for n in range(6, 14)}
    assert graphed.bucket((3, 16)) == (3, 16) and graphed.bucket((3, 17)) == (3, 32)


@pytest.mark.parametrize(
    ("way", "twice", "said"),
    [
        (GRAPHS, False, "'graphs' needs accelerator: gpu"),
        (GRAPHS, True, "'graphs' needs activation_checkpointing: false"),
        (PACKED, True, "'packed' needs activation_checkpointing: false"),
    ],
)
def test_what_cannot_be_is_said(workshop, way, twice, said):
    workshop.trained("task", "tagging")
    job = job_by(workshop, way, "no")
    object.__setattr__(job, "activation_checkpointing", twice)
    with pytest.raises(StudyError, match=said):
        make(job)


def test_graphs_of_batches_in_parts_are_refused(workshop):
    recipe = {"gpu_step": GRAPHS, "training": {"gradient_accumulation": 2}}
    with pytest.raises(StudyError, match="gradient_accumulation: 1; set that, or gpu_step: lean"):
        stack_layers(load_encoder(workshop.encoder), recipe, [], torch.device("cuda"))


@pytest.mark.parametrize("way", [PACKED, GRAPHS])
def test_encoders_of_transformers_have_lean_steps_alone(way):
    other = SimpleNamespace(config=SimpleNamespace(model_type="eurobert"))
    with pytest.raises(StudyError, match=f"'eurobert' runs in transformers.*no '{way}' layers"):
        stack_layers(other, {"gpu_step": way}, [], CPU)
