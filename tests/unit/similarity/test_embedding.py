"""The job of one task, for every kind, with and without frozen layers."""

import numpy as np
import pytest
import torch

from helpers import rows
from xstilts.similarity import embedding
from xstilts.similarity.artifacts import read_embedding
from xstilts.similarity.embedding import embed_task

CPU = torch.device("cpu")
FIELDS = {
    "pair_classification": ["first", "second"],
    "multiple_choice": ["context", "endings"],
    "tagging": ["words"],
    "span_qa": ["question", "context"],
    "retrieval": ["sentence"],
}


@pytest.fixture(autouse=True)
def quick_embedder(monkeypatch):
    """An embedder that counts words: the real one is tested by itself."""

    def embed(texts, folder, device):
        name = 1.0 if folder is None else 2.0
        return np.array([[name, len(text.split())] for text in texts], dtype=np.float32)

    monkeypatch.setattr(embedding, "embed_sentences", embed)


def recipe(kind, frozen=0, **more):
    return {
        "task": "task",
        "kind": kind,
        "frozen_layers": frozen,
        "text": {"split": "train", "fields": FIELDS[kind], "examples": 12, "embedder": None},
        "languages": {"codes": ["en", "sw"], "examples": 5, "embedder": None},
        "labelled": {"examples": 10, "batch_examples": 4, "head": "segments"},
        "seed": 1,
        **more,
    }


def made(workshop, task, name, own, embedders=None):
    folders = {"encoder": str(workshop.encoder), "data": str(workshop.data(task))}
    if own["frozen_layers"]:
        folders["activations"] = str(workshop.activations(task, own["frozen_layers"]))
    folder = workshop.root / "embeddings" / name
    embedders = embedders or {"text": None, "language": None}
    receipt = embed_task(own, folders, embedders, folder, CPU)
    return receipt, *read_embedding(folder)


@pytest.mark.parametrize("frozen", [0, 1])
@pytest.mark.parametrize("kind", [kind for kind in FIELDS if kind != "retrieval"])
def test_every_kind(workshop, kind, frozen):
    task = workshop.trained(kind, kind)
    receipt, texts, arrays = made(workshop, task, "run", recipe(kind, frozen))
    assert receipt["texts"]["sw"] == 5
    assert receipt["texts"][""] == len(arrays["text"]) <= 12
    assert arrays["languages"].shape == (texts.num_rows, 16)
    np.testing.assert_allclose(np.linalg.norm(arrays["languages"], axis=1), 1, atol=1e-5)
    outputs = (3 - frozen) * (16 * 5 + 24)
    assert arrays["task"].shape == (10, outputs)
    assert arrays["task_batch_summed"].shape == (3, outputs)
    assert (arrays["task"] >= 0).all()
    assert arrays["task"].max() > 0
    again, _, _ = made(workshop, task, "again", recipe(kind, frozen))
    assert again["files"] == receipt["files"]


def test_frozen_layers_read_from_disk_change_next_to_nothing(workshop):
    task = workshop.trained("pairs", "pair_classification")
    _, _, read = made(workshop, task, "read", recipe("pair_classification", 1))
    _, _, run = made(workshop, task, "run", recipe("pair_classification", 0))
    np.testing.assert_allclose(read["languages"], run["languages"], atol=5e-3)


def test_retrieval_has_its_english_side_and_each_language(workshop):
    sentences = [
        rows.row(f"{side}{number}", language, [[rows.BEGIN, word, rows.END]], [0])
        | {"side": side, "gold": ""}
        for number, language in enumerate(["de", "sw"])
        for side, words in (("source", range(5, 15)), ("target", range(15, 25)))
        for word in words
    ]
    for number, one in enumerate(sentences):
        one["example_id"] = str(number)
    workshop.prepare("bucc", "retrieval", dict.fromkeys(("train", "dev", "test"), sentences), None)
    own = recipe("retrieval", labelled=None)
    own["text"]["split"] = "test"
    own["languages"]["codes"] = ["de", "sw"]
    receipt, texts, arrays = made(workshop, "bucc", "run", own)
    assert receipt["texts"] == {"": 10, "de": 5, "sw": 5}
    english = {one["text"] for one in texts.to_pylist() if one["language"] == ""}
    assert english == {f"w{word}" for word in range(15, 25)}
    assert "task" not in arrays


def test_other_embedders_and_nothing_that_was_not_asked_for(workshop):
    task = workshop.trained("pairs", "pair_classification")
    own = recipe("pair_classification", labelled=None)
    own["text"]["embedder"] = own["languages"]["embedder"] = {"files": {}}
    _, texts, arrays = made(workshop, task, "run", own, {"text": "a", "language": "b"})
    assert set(arrays) == {"text", "languages"}
    assert (arrays["text"][:, 0] == 2).all()
    assert (arrays["languages"][:, 0] == 2).all()
    assert len(arrays["languages"]) == texts.num_rows
    plain = recipe("pair_classification", languages=None, labelled=None)
    assert set(made(workshop, task, "plain", plain)[2]) == {"text"}
