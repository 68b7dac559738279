"""Cached output of frozen layers against the same layers run live."""

import json

import numpy as np
import pytest
import torch

from helpers.slow import states_of
from helpers.workshop import HIDDEN, KINDS, LAYERS, make, weights
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.core.processor import multiplies_bfloat16
from xstilts.encoders.inputs import Inputs
from xstilts.encoders.load import load_encoder
from xstilts.training.activations import compute_activations

CPU = torch.device("cpu")
# Half precision keeps 11 bits.
HALF = {"rtol": 2**-10, "atol": 2**-10}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frozen", [1, 2])
def test_every_token_has_its_state_in_the_order_of_the_tokens(workshop, kind, frozen):
    workshop.trained("task", kind, count=15)
    folder = workshop.activations("task", frozen)
    inputs = workshop.inputs("task", "train")
    states = np.load(folder / "train.npy")
    assert states.dtype == np.float16
    assert states.shape == (len(inputs.split.tokens), HIDDEN)
    encoder = load_encoder(workshop.encoder)
    for sequence in range(len(inputs.lengths)):
        begin, end = inputs.split.offsets[sequence], inputs.split.offsets[sequence + 1]
        ids = torch.from_numpy(inputs.split.tokens[begin:end].astype(np.int64))[None]
        mask = torch.ones_like(ids, dtype=torch.bool)
        with torch.no_grad():
            live = encoder.run(encoder.embed(ids, mask), mask, first=0, last=frozen)[0].numpy()
        np.testing.assert_allclose(states[begin:end], live, **HALF)


@pytest.mark.parametrize("frozen", [1, 2])
def test_cached_and_live_end_in_the_same_states_in_one_batch_of_several_lengths(workshop, frozen):
    workshop.trained("task", "pair_classification")
    whole = load_encoder(workshop.encoder)
    upper = load_encoder(workshop.encoder, first_layer=frozen)
    chosen = np.argsort(workshop.inputs("task", "train").lengths)[[39, 0, 20, 30, 8]]
    live, cached = workshop.inputs("task", "train"), workshop.inputs("task", "train", frozen)
    assert len(set(live.lengths[chosen].tolist())) > 3
    with torch.no_grad():
        one, two = live.states(chosen, whole, CPU), cached.states(chosen, upper, CPU)
    assert torch.equal(one.mask, two.mask)
    assert torch.equal(one.second, two.second)
    assert two.hidden.dtype == torch.float32
    for row, sequence in enumerate(chosen):
        size = live.lengths[sequence]
        assert one.mask[row].tolist() == [True] * size + [False] * (one.mask.shape[1] - size)
        alone = states_of(live, sequence, whole)
        np.testing.assert_allclose(one.hidden[row, :size], alone, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(two.hidden[row, :size], alone, rtol=0.02, atol=0.02)


def test_a_layer_below_the_last_can_be_asked_for(workshop):
    workshop.trained("task", "pair_classification")
    whole = load_encoder(workshop.encoder)
    upper = load_encoder(workshop.encoder, first_layer=1)
    chosen = np.arange(5)
    with torch.no_grad():
        live = workshop.inputs("task", "train")
        hidden, mask = live.lowest(chosen, whole, 2)
        one = live.states(chosen, whole, CPU, layer=2).hidden
        two = workshop.inputs("task", "train", 1).states(chosen, upper, CPU, layer=2).hidden
    assert torch.equal(one, hidden)
    np.testing.assert_allclose(two[mask], hidden[mask], rtol=0.02, atol=0.02)


def test_receipt_names_every_split(workshop):
    workshop.trained("task", "tagging")
    folder = workshop.root / "own"
    recipe = {"frozen_layers": 1, "precision": "float32", "note": "kept"}
    facts = compute_activations(recipe, workshop.encoder, workshop.data("task"), folder)
    assert facts["recipe"] == recipe
    assert sorted(facts["files"]) == ["dev.npy", "test.npy", "train.npy"]
    for name, digest in facts["files"].items():
        assert file_sha256(folder / name) == digest
    sizes = [len(workshop.inputs("task", split).split.tokens) for split in ("train", "dev", "test")]
    assert facts["tokens"] == sum(sizes)
    assert sorted(path.name for path in folder.iterdir()) == sorted(facts["files"])
    json.dumps(facts, allow_nan=False)


@pytest.mark.parametrize("kind", KINDS)
def test_training_on_the_cache_goes_the_way_of_training_live(workshop, kind):
    """The first losses agree; the frozen tensors are in neither the file nor the proof."""
    workshop.trained("task", kind)
    live = make(
        workshop.job(
            "live", "intermediate", ["task"], epochs=1, learning_rate=1e-7, head_learning_rate=1e-2
        )
    )
    frozen = workshop.job(
        "frozen",
        "intermediate",
        ["task"],
        epochs=1,
        learning_rate=1e-7,
        head_learning_rate=1e-2,
        frozen=2,
    )
    facts = make(frozen)
    assert facts["training"]["loss_first"] == pytest.approx(
        live["training"]["loss_first"], rel=2e-3
    )
    assert facts["training"]["loss_last"] == pytest.approx(live["training"]["loss_last"], rel=2e-2)
    names = set(weights(frozen))
    assert names == set(facts["encoder_tensors"])
    assert {name.split(".")[2] for name in names} == {str(number) for number in range(2, LAYERS)}
    assert len(names) == 16


def test_activations_of_other_data_are_refused(workshop):
    workshop.trained("one", "pair_classification", count=10)
    workshop.trained("two", "pair_classification", count=11, seed=5)
    other = workshop.activations("two", 1)
    with pytest.raises(StudyError, match=r"activations1/two does not fit .*data/one: delete both"):
        Inputs(workshop.data("one"), "train", other, 1)


def test_frozen_layers_without_their_output_are_one_clear_error(workshop):
    workshop.trained("one", "pair_classification", count=10)
    with pytest.raises(StudyError, match=r"lower 2 layers are frozen.*data/one is not at hand"):
        Inputs(workshop.data("one"), "train", None, 2)
    job = workshop.job("run", "target", ["one"], ["one"], frozen=2)
    for place in job.inputs.values():
        del place["activations"]
    with pytest.raises(StudyError, match="run compute_activations"):
        make(job)


@pytest.mark.skipif(not multiplies_bfloat16(), reason="no bfloat16 on this processor")
def test_they_are_computed_in_the_studys_precision(workshop):
    workshop.trained("task", "pair_classification")
    states = {}
    for precision in ("float32", "bfloat16"):
        recipe = {"frozen_layers": 2, "precision": precision}
        folder = workshop.root / precision
        facts = compute_activations(recipe, workshop.encoder, workshop.data("task"), folder)
        assert facts["numerics"]["precision"] == precision
        states[precision] = np.load(folder / "train.npy").astype(np.float32)
    apart = np.abs(states["bfloat16"] - states["float32"]).mean()
    assert 1e-4 < apart / states["float32"].std() < 2e-2
