"""Runs that train the word embeddings of their own text end as if they had trained all."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from helpers.workshop import KINDS, Workshop, make, predictions, weights
from xstilts.training import fine_tune


@pytest.fixture
def filled(workshop) -> Workshop:
    for kind in KINDS:
        workshop.trained(kind, kind, count=16)
    return workshop


def pair(workshop, name, tasks, targets):
    """An intermediate run and a target run that starts from it."""
    # Without decay, which the whole table's unused rows alone would feel.
    more = {"weight_decay": 0.0, "epochs": 1}
    parent = workshop.job(f"{name}-parent", "intermediate", tasks, **more)
    return parent, workshop.job(f"{name}-child", "target", targets, targets, parent, **more)


@pytest.mark.parametrize("tasks", [["tagging"], list(KINDS)])
def test_weights_and_predictions_are_those_of_the_whole_table(filled, monkeypatch, tasks):
    ours = pair(filled, "ours", tasks, ["span_qa"])
    receipts = [make(job) for job in ours]
    with monkeypatch.context() as patch:
        patch.setattr(fine_tune, "train_words_of", lambda encoder, texts: None)
        theirs = pair(filled, "theirs", tasks, ["span_qa"])
        references = [make(job) for job in theirs]
    for mine, other, receipt, reference in zip(ours, theirs, receipts, references, strict=True):
        found, expected = weights(mine), weights(other)
        assert found.keys() == expected.keys()
        for name in found:
            np.testing.assert_allclose(found[name], expected[name], atol=2e-5, err_msg=name)
        losses = [one["training"]["loss_last"] for one in (receipt, reference)]
        assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert predictions(ours[1]) == predictions(theirs[1])


def test_the_receipt_tells_the_rows_and_the_file_holds_no_others(filled):
    parent, child = pair(filled, "run", ["tagging", "span_qa"], ["pair_classification"])
    first, second = make(parent), make(child)
    read = {0}
    for task in ("tagging", "span_qa"):
        read |= set(filled.inputs(task, "train").split.tokens.tolist())
    stored = load_file(parent.folder / "encoder.safetensors")
    assert stored["trained_tokens"].tolist() == sorted(read)
    assert first["words"] == {"trained": len(read), "of": 40}
    own = {0} | set(filled.inputs("pair_classification", "train").split.tokens.tolist())
    kept = load_file(child.folder / "encoder.safetensors")["trained_tokens"].tolist()
    assert kept == sorted(read | own)
    assert second["words"]["trained"] == len(own)


def test_frozen_embeddings_have_no_rows(filled):
    receipt = make(filled.job("run", "intermediate", ["tagging"], frozen=1))
    assert receipt["words"] is None
