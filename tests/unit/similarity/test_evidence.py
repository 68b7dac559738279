"""LogME of an intermediate run: points and labels per kind, and the job."""

import json

import numpy as np
import pytest
import torch

from helpers import rows
from helpers.workshop import KINDS
from xstilts.core.receipts import publish
from xstilts.encoders.load import load_encoder
from xstilts.encoders.weights import save_trained
from xstilts.similarity.evidence import labelled_features, score_evidence
from xstilts.similarity.labelled import labelled_sample

CPU = torch.device("cpu")


def features(workshop, kind, frozen=1, count=20):
    task = workshop.trained(kind, kind)
    places = workshop.data(task), workshop.activations(task, frozen)
    sample = labelled_sample(*places, frozen, kind, count, 1)
    encoder = load_encoder(workshop.encoder, first_layer=frozen)
    return sample, encoder, *labelled_features(encoder, sample, CPU)


@pytest.mark.parametrize(
    ("kind", "size", "column"),
    [
        ("pair_classification", 64, "label"),
        ("regression", 64, "score"),
        ("text_classification", 16, "label"),
    ],
)
def test_an_example_has_its_label_or_score(workshop, kind, size, column):
    sample, _, points, labels = features(workshop, kind)
    assert points.shape == (20, size)
    assert (labels == sample.inputs.column(column)[sample.chosen]).all()


def test_a_choice_is_right_or_wrong(workshop):
    _, _, points, labels = features(workshop, "multiple_choice")
    assert points.shape == (60, 64)
    assert (labels.reshape(20, 3).sum(1) == 1).all()


def test_choices_of_unequal_number_keep_their_place(workshop):
    found = rows.choices(3, 1, number_of=3) + rows.choices(3, 2, number_of=2, language="two")
    workshop.prepare("task", "multiple_choice", {"train": found}, ["0", "1", "2"])
    sample = labelled_sample(workshop.data("task"), None, 0, "multiple_choice", 6, 1)
    points, labels = labelled_features(load_encoder(workshop.encoder), sample, CPU)
    expected = []
    for unit in sample.chosen:
        own = found[unit]
        expected += [int(place == own["label"]) for place in range(len(own["input_ids"]))]
    assert labels.tolist() == expected
    assert len(points) == 15


def test_a_word_has_its_tag(workshop):
    sample, encoder, points, labels = features(workshop, "tagging")
    # A word's tag is its first token modulo 3, and its state is that of this token.
    unit = sample.chosen[:1]
    states = sample.inputs.states(unit, encoder, CPU).hidden[0].numpy(force=True)
    offsets = sample.inputs.split.offsets
    tokens = sample.inputs.split.tokens[offsets[unit[0]] : offsets[unit[0] + 1]]
    where = [np.abs(states - points[0]).sum(1).argmin()]
    assert np.abs(states[where] - points[0]).max() < 1e-5
    assert tokens[where[0]] % 3 == labels[0]


def test_an_answer_is_told_from_another_token(workshop):
    sample, _, points, labels = features(workshop, "span_qa", count=40)
    answered = (sample.inputs.column("first")[sample.chosen] > 0).sum()
    assert 0 < labels.sum() <= answered
    assert len(points) == len(labels) == 2 * labels.sum()


@pytest.mark.parametrize("frozen", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_padding_does_not_matter(workshop, monkeypatch, kind, frozen):
    *_, together, labels = features(workshop, kind, frozen)
    monkeypatch.setattr("xstilts.similarity.evidence.BATCH", 1)
    sample = labelled_sample(
        workshop.data(kind), workshop.activations(kind, frozen), frozen, kind, 20, 1
    )
    encoder = load_encoder(workshop.encoder, first_layer=frozen)
    alone, same = labelled_features(encoder, sample, CPU)
    np.testing.assert_allclose(alone, together, atol=1e-4)
    assert (labels == same).all()


def job(workshop, parent, task):
    made = workshop.job("evidence", "target", [task], parent=parent, frozen=1)
    made.recipe.update(
        training_sets={task: {"kind": "pair_classification", "data": "d"}},
        examples=20, subsamples=10, seed=1,
    )  # fmt: skip
    # Its recipe names none: it computes in float32.
    del made.recipe["precision"]
    return made


def test_job(workshop):
    task = workshop.trained("pairs", "pair_classification")
    parent = workshop.job("parent", "intermediate", [task], frozen=1)
    save_trained(
        load_encoder(workshop.encoder, first_layer=1), parent.folder / "encoder.safetensors", 1
    )
    made = job(workshop, parent, task)
    receipt = score_evidence(made)
    found = json.loads((made.folder / "evidence.json").read_text())
    assert len(found[task]) == 21
    assert np.isfinite(found[task]).all()
    assert receipt["transplant"]["carried"] > 0
    assert receipt["problems"] == []


def test_a_parent_that_diverged_gives_nothing_and_says_so(workshop):
    task = workshop.trained("pairs", "pair_classification")
    parent = workshop.job("parent", "intermediate", [task], frozen=1)
    publish(parent.folder, {"status": "diverged", "reason": "the loss was NaN"})
    made = job(workshop, parent, task)
    receipt = score_evidence(made)
    assert json.loads((made.folder / "evidence.json").read_text()) == {}
    assert "the loss was NaN" in receipt["problems"][0]


def test_too_few_labels(workshop):
    made = [one | {"first": [0] * len(one["first"]), "last": [0] * len(one["last"])}
            for one in rows.questions(8, 1)]  # fmt: skip
    workshop.prepare("qa", "span_qa", dict.fromkeys(("train", "dev", "test"), made), None)
    parent = workshop.job("parent", "intermediate", ["qa"])
    save_trained(load_encoder(workshop.encoder), parent.folder / "encoder.safetensors", 0)
    own = workshop.job("evidence", "target", ["qa"], parent=parent)
    settings = {"qa": {"kind": "span_qa", "data": "d"}}
    own.recipe.update(training_sets=settings, examples=20, subsamples=10, seed=1)
    assert score_evidence(own)["problems"] == ["log_evidence: qa has too few labels for it."]
