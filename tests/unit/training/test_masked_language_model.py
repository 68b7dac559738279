"""Masked language modelling beside a task: its loss, its steps, and that it resumes."""

import math
import os
import signal
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch.nn import functional

from helpers import rows
from helpers.workshop import make, products, weights
from xstilts.core.paths import MLM_TEXT
from xstilts.core.receipts import publish
from xstilts.core.termination import Interrupted
from xstilts.data.store import prepared_schema, write_split
from xstilts.encoders.load import load_encoder
from xstilts.training.gradient import put_gradient
from xstilts.training.loop import Training
from xstilts.training.masked import NAME, MaskedText
from xstilts.training.model import Model

MASK, SPECIAL = 4, [rows.BEGIN, rows.END]
CPU = torch.device("cpu")


def lines(count, language, seed):
    """Lines in which every other word follows from the one before it: there is much to find."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(count):
        words = []
        for first in random.integers(rows.FIRST_WORD, rows.VOCABULARY - 1, random.integers(2, 6)):
            words += [int(first), int(first) + 1]
        sequence = [rows.BEGIN, *words, rows.END]
        found.append({"example_id": f"line-{number}", "language": language,
                      "input_ids": [sequence], "second": [0]})  # fmt: skip
    return found


@pytest.fixture
def filled(workshop):
    """A workshop with a task and text in two languages, of 30 and 6 lines."""
    workshop.trained("pairs", "pair_classification")
    folder = workshop.data(MLM_TEXT)
    folder.mkdir(parents=True)
    for split, sizes in (("train", (30, 6)), ("dev", (8, 8)), ("test", (0, 0))):
        texts = lines(sizes[0], "de", len(split)) + lines(sizes[1], "sw", 9)
        batch = pa.RecordBatch.from_pylist(texts, schema=prepared_schema())
        write_split(folder / f"{split}.arrow", prepared_schema(), [batch])
    publish(folder, {
        "labels": None, "mask": MASK, "special": SPECIAL, "lines": {"de": 30, "sw": 6},
        "rows": {"train": {"de": 30, "sw": 6}}, "limits": {}, "dropped": {}, "label_counts": {},
    })  # fmt: skip
    return workshop


def settings(ratio=0.5, rate=0.15):
    return {"data": "text", "ratio": ratio, "masking_rate": rate, "exponent": 0.3}


def mixed(workshop, name, ratio=0.5, **more):
    """A job of the row pairs+mlm."""
    job = workshop.job(name, "intermediate", ["pairs"], **more)
    inputs = job.inputs | {MLM_TEXT: {"data": str(workshop.data(MLM_TEXT))}}
    return replace(job, recipe=job.recipe | {NAME: settings(ratio)}, inputs=inputs)


def opened(workshop, frozen, seed=1, rate=0.15):
    folder = workshop.data(MLM_TEXT)
    return MaskedText.open(settings(rate=rate), folder, workshop.encoder, frozen, seed, CPU)


@pytest.mark.parametrize("frozen", [0, 1])
def test_it_learns_and_the_task_keeps_its_steps(filled, frozen):
    alone = filled.job("alone", "intermediate", ["pairs"], frozen=frozen)
    # Judged once, at the end: the task's dev score would choose an early checkpoint.
    job = mixed(filled, "both", ratio=3, epochs=12, evaluations=1, frozen=frozen)
    plain = make(alone)["training"]
    receipt = make(job)
    steps = receipt["training"]["steps_by_task"]
    assert steps["pairs"] == 6 * plain["steps_by_task"]["pairs"]  # six times the epochs
    assert steps[NAME] == 3 * steps["pairs"]
    told = receipt[NAME]
    assert told["vocabulary"] == len(
        {token for one in lines_of(filled) for token in one} - set(SPECIAL)
    )
    # Chance is ln of the vocabulary; half of all words follow from their neighbour.
    assert told["loss_after"] < told["loss_before"] - 0.3
    assert told["loss_after"] < math.log(told["vocabulary"])
    assert told["shares"]["de"] == pytest.approx(30**0.3 / (30**0.3 + 6**0.3), abs=1e-4)
    assert receipt["dev"].keys() == {"pairs"}


def lines_of(workshop):
    found = []
    for split in ("train", "dev"):
        found += workshop.inputs(MLM_TEXT, split).split.table["input_ids"].to_pylist()
    return [one[0] for one in found]


def test_the_losses_told_are_the_tasks_own(filled):
    receipt = make(mixed(filled, "both", ratio=2))
    # Of three labels, where a word is one of dozens.
    assert receipt["training"]["loss_first"] < math.log(3) + 1


def test_text_without_a_dev_set_is_trained_on_untold(filled):
    write_split(filled.data(MLM_TEXT) / "dev.arrow", prepared_schema(), [])
    told = make(mixed(filled, "both"))[NAME]
    assert (told["loss_before"], told["loss_after"]) == (None, None)


@pytest.mark.parametrize("frozen", [0, 2])
def test_the_loss_by_hand(filled, frozen):
    text = opened(filled, frozen)
    trained = load_encoder(filled.encoder, first_layer=frozen)
    whole = load_encoder(filled.encoder)
    torch.manual_seed(0)
    head = text.build_head(trained, 0.0)
    batch = np.array([[0, 5], [31, 6], [7, 5]])
    loss = text.loss(head, batch, trained, CPU)
    table = whole.embeddings.word_embeddings.weight
    total, count = 0.0, 0
    for hidden in text._hidden(text.train, batch, text.seed):
        tokens = torch.from_numpy(hidden.tokens)[None]
        states = whole(tokens, torch.ones_like(tokens, dtype=torch.bool))[0]
        for place, gold in zip(hidden.positions, hidden.gold, strict=True):
            found = head.norm(functional.gelu(head.transform(states[place])))
            logits = table[torch.from_numpy(text.masking.vocabulary)] @ found + head.bias
            position = int(np.flatnonzero(text.masking.vocabulary == gold)[0])
            total -= torch.log_softmax(logits, 0)[position].item()
            count += 1
    assert loss.item() == pytest.approx(total / count, rel=1e-5)


def test_parts_of_a_batch_give_the_gradient_of_the_whole(filled):
    text = opened(filled, 0)
    encoder = load_encoder(filled.encoder)
    model = Model(encoder, [text], 0.0, 1).train()
    (batch,) = text.batches(1, (9, None))
    found = []
    for parts in (1, 4):
        loss = put_gradient(model, text, batch, parts, "float32", CPU).item()
        found.append((loss, {n: p.grad.clone() for n, p in model.named_parameters()}))
    (loss, whole), (again, sums) = found
    assert again == pytest.approx(loss, rel=1e-6)
    size = max(one.abs().max() for one in whole.values())
    assert all(torch.allclose(whole[n], sums[n], rtol=0, atol=1e-6 * size) for n in whole)


def test_tied_embeddings_learn_unless_they_are_frozen(filled):
    text, encoder = opened(filled, 0), load_encoder(filled.encoder)
    head = text.build_head(encoder, 0.0)
    text.loss(head, np.array([[0, 0]]), encoder, CPU).backward()
    gradient = encoder.get_input_embeddings().weight.grad
    # Also of words that are not read: the softmax pushes all of the text's vocabulary down.
    assert (gradient[text.masking.vocabulary].abs().sum(1) > 0).all()
    frozen, upper = opened(filled, 1), load_encoder(filled.encoder, first_layer=1)
    head = frozen.build_head(upper, 0.0)
    frozen.loss(head, np.array([[0, 0]]), upper, CPU).backward()
    assert all(one.grad is None for one in frozen.below.parameters())
    assert all(one.grad is not None for one in upper.parameters())
    assert {name for name, _ in head.named_parameters()} == {
        "transform.weight", "transform.bias", "norm.weight", "norm.bias", "bias",
    }  # fmt: skip


def test_a_line_that_comes_again_is_masked_anew(filled):
    text = opened(filled, 0)
    batches = text.batches(40, (8, None))
    assert [batch.shape for batch in batches] == [(8, 2)] * 40
    numbers = np.concatenate(batches)
    assert len(set(numbers[:, 1])) == len(numbers)
    again = numbers[numbers[:, 0] == numbers[0, 0]]
    seen = {text._hidden(text.train, one[None], 1)[0].tokens.tobytes() for one in again}
    assert len(again) > 2
    assert len(seen) > 1


def test_the_budget_of_tokens_holds(filled):
    text = opened(filled, 0)
    for batch in text.batches(20, (8, 40)):
        longest = text.train.lengths[batch[:, 0]].max()
        assert len(batch) == 1 or longest * len(batch) <= 40


def test_without_it_nothing_changes(filled):
    """The task's own batches and first head are those of the plain row."""
    job = mixed(filled, "both", ratio=0.5)
    plain = filled.job("plain", "intermediate", ["pairs"])
    found = []
    original = Training.__init__

    def noting(self, *arguments, **named):
        original(self, *arguments, **named)
        found.append((self.steps, {k: v.clone() for k, v in self.model.trained().items()}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Training, "__init__", noting)
        make(plain)
        make(job)
    (alone, first), (together, second) = found
    own = [batch for number, batch in together if number == 0]
    assert all(np.array_equal(a, b[1]) for a, b in zip(own, alone, strict=True))
    # The row trains the words of its text besides.
    table = "encoder.embeddings.word_embeddings.weight"
    assert len(first[table]) < len(second[table])
    assert all(torch.equal(first[name], second[name]) for name in first if name != table)


@pytest.mark.parametrize(("frozen", "dropout"), [(0, 0.1), (1, 0.0)])
def test_stopped_runs_go_on_bit_for_bit(filled, monkeypatch, frozen, dropout):
    more = {"ratio": 1, "frozen": frozen, "dropout": dropout}
    undisturbed = mixed(filled, "undisturbed", **more)
    make(undisturbed)
    expected = products(undisturbed)
    stops, original = {1, 4, 9}, Training._step

    def step(self):
        original(self)
        if self.progress.step in stops:
            stops.remove(self.progress.step)
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(Training, "_step", step)
    job = mixed(filled, "stopped", **more)
    for _ in range(3):
        with pytest.raises(Interrupted):
            make(job)
    make(job)
    assert products(job) == expected
    assert not stops


def test_the_seed_decides_lines_and_masks(filled):
    runs = [mixed(filled, f"run{n}", seed=seed) for n, seed in enumerate((1, 1, 2))]
    losses = [make(run)["training"]["dev_scores"] and weights(run) for run in runs]
    same = [all(np.array_equal(losses[0][k], other[k]) for k in losses[0]) for other in losses[1:]]
    assert same == [True, False]
