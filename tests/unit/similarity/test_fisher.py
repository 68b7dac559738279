"""Fisher information against torch.func and against gradients taken one example at a time."""

import dataclasses
import shutil

import numpy as np
import pytest
import torch
from torch.func import functional_call, grad, vmap

from helpers import rows
from helpers.tiny_encoders import NAMED, NEWER, save_tiny
from helpers.workshop import KINDS
from xstilts.core.errors import StudyError
from xstilts.encoders.load import load_encoder
from xstilts.similarity.fisher import _Passes, fisher_information
from xstilts.similarity.labelled import labelled_sample
from xstilts.similarity.linear_maps import linear_maps
from xstilts.similarity.probe import fit_probe

CPU = torch.device("cpu")


def opened(workshop, kind, frozen, count=20):
    task = workshop.trained(kind, kind)
    encoder = load_encoder(workshop.encoder, first_layer=frozen)
    data, activations = workshop.data(task), workshop.activations(task, frozen)
    sample = labelled_sample(data, activations, frozen, kind, count, 1)
    torch.manual_seed(0)
    head = sample.kind.build_head(encoder.hidden_size, sample.labels, "segments", 0.0)
    return encoder, head, sample


def squares_of(encoder, gradients):
    """Mean square over the weights and bias of each output of the linear maps, by name."""
    found = {}
    for name, module in encoder.named_modules():
        if isinstance(module, torch.nn.Linear):
            weight, bias = gradients[f"{name}.weight"], gradients.get(f"{name}.bias")
            total = (weight**2).sum(1) + (0 if bias is None else bias**2)
            found[name] = total / (weight.shape[1] + (bias is not None))
    return torch.cat([found[name] for name in sorted(found)])


def one_by_one(encoder, head, sample, units):
    """Square of the gradient of the summed loss of `units`, by plain backpropagation."""
    encoder.zero_grad()
    for unit in units:
        states = sample.inputs.states(sample.units.sequences(np.array([unit])), encoder, CPU)
        sample.kind.loss(head, states, sample.inputs, np.array([unit])).backward()
    model = getattr(encoder, "model", encoder)
    gradients = {
        name: torch.zeros_like(one) if one.grad is None else one.grad
        for name, one in model.named_parameters()
    }
    return squares_of(model, gradients).numpy()


@pytest.mark.parametrize("frozen", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_each_examples_own_gradient(workshop, kind, frozen):
    encoder, head, sample = opened(workshop, kind, frozen)
    found, _ = fisher_information(encoder, head, sample, frozen, 7, CPU)
    expected = sum(one_by_one(encoder, head, sample, [unit]) for unit in sample.chosen)
    assert expected.max() > 0
    np.testing.assert_allclose(found.sum(0), expected, rtol=1e-3, atol=1e-7 * expected.max())


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_of_a_batch(workshop, kind):
    encoder, head, sample = opened(workshop, kind, 1)
    _, found = fisher_information(encoder, head, sample, 1, 8, CPU)
    assert len(found) == 3
    expected = one_by_one(encoder, head, sample, sample.chosen[8:16])
    np.testing.assert_allclose(found[1], expected, rtol=1e-3, atol=1e-6 * expected.max())


def test_questions_with_different_numbers_of_choices(workshop):
    found = rows.choices(6, 1, number_of=3) + rows.choices(6, 2, number_of=2, language="two")
    workshop.prepare("task", "multiple_choice", {"train": found}, ["0", "1", "2"])
    encoder = load_encoder(workshop.encoder, first_layer=1)
    sample = labelled_sample(
        workshop.data("task"), workshop.activations("task", 1), 1, "multiple_choice", 12, 1
    )
    assert len(set(sample.units.count[sample.chosen[:6]].tolist())) == 2
    torch.manual_seed(0)
    head = sample.kind.build_head(encoder.hidden_size, sample.labels, "segments", 0.0)
    own, batches = fisher_information(encoder, head, sample, 1, 6, CPU)
    expected = sum(one_by_one(encoder, head, sample, [unit]) for unit in sample.chosen)
    np.testing.assert_allclose(own.sum(0), expected, rtol=1e-3, atol=1e-7 * expected.max())
    expected = one_by_one(encoder, head, sample, sample.chosen[:6])
    np.testing.assert_allclose(batches[0], expected, rtol=1e-3, atol=1e-6 * expected.max())


def test_against_vmap(workshop):
    encoder, head, sample = opened(workshop, "pair_classification", 1, count=6)
    inputs, chosen = sample.inputs, np.sort(sample.chosen)
    mask = torch.from_numpy(
        np.arange(inputs.lengths[chosen].max()) < inputs.lengths[chosen][:, None]
    )
    hidden = inputs._below(chosen, mask, encoder, CPU)
    second = torch.from_numpy(inputs.split.second[chosen].astype(np.int64))
    label = torch.from_numpy(inputs.column("label")[chosen].astype(np.int64))
    parameters = {name: one.detach() for name, one in encoder.named_parameters()}

    class Masked(torch.nn.Module):
        """The encoder with a mask at all times: vmap cannot ask whether anything is padded."""

        def __init__(self):
            super().__init__()
            self.inner = encoder

        def forward(self, states, present):
            bias = torch.where(present, 0.0, -1e30)[None, None, None, :]
            for layer in self.inner.encoder["layer"].values():
                states = layer(states, bias)
            return states

    whole = Masked()

    def loss(weights, one, present, begin, gold):
        from xstilts.encoders.inputs import States

        named = {f"inner.{name}": value for name, value in weights.items()}
        states = functional_call(whole, named, (one[None], present))
        logits = head(States(states, present[None], begin[None]))
        return torch.nn.functional.cross_entropy(logits, gold[None])

    gradients = vmap(grad(loss), in_dims=(None, 0, 0, 0, 0))(
        parameters, hidden, mask, second, label
    )
    expected = sum(
        squares_of(encoder, {name: one[row] for name, one in gradients.items()})
        for row in range(len(chosen))
    )
    found, _ = fisher_information(encoder, head, sample, 1, 3, CPU)
    np.testing.assert_allclose(found.sum(0), expected.detach().numpy(), rtol=1e-3, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_batch_size_and_order_do_not_matter(workshop, kind):
    encoder, head, sample = opened(workshop, kind, 1)
    shuffled = dataclasses.replace(
        sample, chosen=np.random.default_rng(0).permutation(sample.chosen)
    )
    expected = fisher_information(encoder, head, sample, 1, 20, CPU)
    for other, size in ((sample, 1), (sample, 6), (shuffled, 4)):
        single, summed = fisher_information(encoder, head, other, 1, size, CPU)
        np.testing.assert_allclose(
            single.sum(0), expected[0].sum(0), rtol=1e-3, atol=1e-7 * single.sum(0).max()
        )
        # The published variant is another number with every batch size.
        assert not np.allclose(summed.sum(0), expected[1].sum(0), rtol=0.05)


def test_order_of_the_file_does_not_matter(workshop):
    from helpers import rows

    made = rows.pairs(30, 1)
    found = []
    for name, order in (("plain", range(30)), ("turned", range(29, -1, -1))):
        own = [made[index] for index in order]
        splits = dict.fromkeys(("train", "dev", "test"), own)
        workshop.prepare(name, "pair_classification", splits, ["a", "b", "c"])
        encoder = load_encoder(workshop.encoder)
        sample = labelled_sample(workshop.data(name), None, 0, "pair_classification", 12, 1)
        head = fit_probe(encoder, sample, "segments", 1, CPU)
        found.append(fisher_information(encoder, head, sample, 0, 5, CPU)[0])
    assert (found[0] > 0).any()
    np.testing.assert_allclose(found[0], found[1], rtol=1e-2, atol=1e-5 * found[0].max())


@pytest.mark.parametrize("kind", ["pair_classification", "tagging"])
def test_probe_learns_with_the_encoder_held_fixed(workshop, kind):
    encoder, head, sample = opened(workshop, kind, 1)
    before = {name: one.clone() for name, one in encoder.named_parameters()}
    units = np.sort(sample.chosen)
    states = sample.inputs.states(sample.units.sequences(units), encoder, CPU)
    fitted = fit_probe(encoder, sample, "segments", 0, CPU)
    with torch.no_grad():
        untrained = sample.kind.loss(head, states, sample.inputs, units)
        trained = sample.kind.loss(fitted, states, sample.inputs, units)
    # A random encoder's states tell little of a word; of a pair's first word they tell all.
    assert trained < (0.7 if kind == "pair_classification" else 0.95) * untrained
    assert all(torch.equal(before[name], one) for name, one in encoder.named_parameters())


def test_layers_that_share_their_weights(workshop):
    encoder, head, sample = opened(workshop, "tagging", 0, count=6)
    layers = encoder.encoder["layer"]
    layers["1"] = layers["0"]
    found, summed = fisher_information(encoder, head, sample, 0, 6, CPU)
    expected = sum(one_by_one(encoder, head, sample, [unit]) for unit in sample.chosen)
    np.testing.assert_allclose(found.sum(0), expected, rtol=1e-3, atol=1e-6 * expected.max())
    together = one_by_one(encoder, head, sample, sample.chosen)
    np.testing.assert_allclose(summed[0], together, rtol=1e-3, atol=1e-6 * together.max())


def opened_family(workshop, family, kind):
    shutil.rmtree(workshop.encoder)
    save_tiny(family, workshop.encoder)
    return opened(workshop, kind, 0, count=12)


@pytest.mark.parametrize("kind", ["pair_classification", "multiple_choice"])
@pytest.mark.parametrize("family", (*NAMED, *NEWER))
def test_each_examples_own_gradient_in_every_family(workshop, family, kind):
    encoder, head, sample = opened_family(workshop, family, kind)
    found, summed = fisher_information(encoder, head, sample, 0, 5, CPU)
    expected = sum(one_by_one(encoder, head, sample, [unit]) for unit in sample.chosen)
    assert found.sum(0).shape == expected.shape and (expected > 0).mean() > 0.9
    np.testing.assert_allclose(found.sum(0), expected, rtol=2e-3, atol=1e-6 * expected.max())
    together = one_by_one(encoder, head, sample, sample.chosen[:5])
    np.testing.assert_allclose(summed[0], together, rtol=2e-3, atol=1e-6 * together.max())


# Tagging reads all states; decoders, layers with one set of weights, sequences along other axes.
@pytest.mark.parametrize("family", ["mdeberta", "modernbert", "mt5", "llama", "albert", "xlnet"])
def test_each_examples_own_gradient_of_tags(workshop, family):
    encoder, head, sample = opened_family(workshop, family, "tagging")
    found, _ = fisher_information(encoder, head, sample, 0, 12, CPU)
    expected = sum(one_by_one(encoder, head, sample, [unit]) for unit in sample.chosen)
    np.testing.assert_allclose(found.sum(0), expected, rtol=2e-3, atol=1e-6 * expected.max())


def test_encoders_whose_examples_share_a_map_are_passed_one_by_one(workshop):
    for family, apart in (("mdeberta", False), ("xlnet", False), ("modernbert", True)):
        encoder, head, sample = opened_family(workshop, family, "tagging")
        linear = linear_maps(encoder, 0)
        assert _Passes(encoder, head, sample, linear, CPU).apart(sample.chosen[:2]) is apart
        shutil.rmtree(workshop.data("tagging"))


def test_an_encoder_without_linear_maps_is_refused(workshop):
    with pytest.raises(StudyError, match=r"leave the measure out of similarity\.measures"):
        fisher_information(*opened_family(workshop, "gpt2", "tagging"), 0, 5, CPU)
