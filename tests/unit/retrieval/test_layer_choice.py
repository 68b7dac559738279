"""Which layer and pooling a retrieval run takes, against the slow search in every one of them."""

import json

import numpy as np
import pytest
import torch

from helpers.slow_search import K, bucc, f1_of, mined, tatoeba
from helpers.workshop import LAYERS, make, predictions
from xstilts.core.draws import half_of
from xstilts.encoders.load import load_encoder
from xstilts.retrieval import gpu_search, search
from xstilts.retrieval.corpora import corpora, merged
from xstilts.retrieval.gpu_search import GpuSearch
from xstilts.retrieval.layer_choice import LayerPooling, LayerScores, all_views, choose
from xstilts.retrieval.search import both_ways

KEYS = ("language", "example_id", "prediction", "gold")


def answers(job):
    return [tuple(row[key] for key in KEYS) for row in predictions(job)]


def test_receipt_tells_the_dev_score_of_every_layer_and_pooling(workshop):
    dev = bucc("de", 1) + bucc("ru", 2, pairs=8, alone=14)
    test = bucc("de", 3) + bucc("ru", 4)
    workshop.prepare("bucc", "retrieval", {"dev": dev, "test": test}, None)
    open_still = {"neighbours": K, "layer": "dev", "pooling": "dev"}
    job = workshop.job("open", "target", [], ["bucc"], retrieval=open_still)
    receipt = make(job)
    told = receipt["compared"]["views"]
    assert receipt["compared"]["on"] == "dev"
    assert {(one["layer"], one["pooling"]) for one in told} == {
        (layer, pooling) for layer in (1, 2, 3) for pooling in ("mean", "first")
    }
    encoder = load_encoder(workshop.encoder)
    for one in told:
        for language, score in one["languages"].items():
            view = one["layer"], one["pooling"]
            pairs, gold, _ = mined(dev, language, encoder, "ratio", *view)
            best = max(f1_of(pairs, gold, value) for value, _, _ in pairs)
            assert score == pytest.approx(best)
        assert one["mean"] == pytest.approx(np.mean(list(one["languages"].values())), abs=1e-4)
    assert len({one["mean"] for one in told}) > 2
    best = max(told, key=lambda one: one["mean"])
    (view,) = receipt["views"]
    assert view["chosen_by"] == "dev"
    mean_of = {(one["layer"], one["pooling"]): one["mean"] for one in told}
    assert mean_of[view["layer"], view["pooling"]] == best["mean"]
    fixed = {"neighbours": K, "layer": view["layer"], "pooling": view["pooling"]}
    same = workshop.job("fixed", "target", [], ["bucc"], retrieval=fixed)
    receipt = make(same)
    assert answers(same) == answers(job)
    assert receipt["views"] == [{**view, "chosen_by": "config"}]
    assert len(receipt["compared"]["views"]) == LAYERS


def test_tatoeba_seeks_each_half_by_the_layer_that_is_best_for_the_other(workshop):
    found = tatoeba("de", 25, 1) + tatoeba("sw", 14, 2)
    workshop.prepare("tatoeba", "retrieval", {"test": found}, None)
    by_layer = {}
    for layer in (1, 2, 3):
        job = workshop.job(f"run{layer}", "target", [], ["tatoeba"], retrieval={"layer": layer})
        make(job)
        by_layer[layer] = answers(job)
    job = workshop.job("open", "target", [], ["tatoeba"], retrieval={"layer": "dev"})
    receipt = make(job)

    def score(layer, half=None):
        right = {"de": [], "sw": []}
        for language, example, predicted, gold in by_layer[layer]:
            if half in (None, half_of(example)):
                right[language].append(predicted == gold)
        return 100 * np.mean([np.mean(found) for found in right.values()])

    best = [max((1, 2, 3), key=lambda layer: (score(layer, 1 - half), layer)) for half in (0, 1)]
    assert [view["layer"] for view in receipt["views"]] == best
    assert "other half" in receipt["views"][0]["chosen_by"]
    pooled = zip(*(by_layer[layer] for layer in best), strict=True)
    assert answers(job) == [both[half_of(both[0][1])] for both in pooled]
    told = {one["layer"]: one["mean"] for one in receipt["compared"]["views"]}
    assert told == pytest.approx({layer: score(layer) for layer in (1, 2, 3)}, abs=1e-4)
    assert receipt["compared"]["on"] == "test"


def test_frozen_layers_are_not_compared(workshop):
    workshop.prepare("tatoeba", "retrieval", {"test": tatoeba("de", 9, 1)}, None)
    job = workshop.job("run", "target", [], ["tatoeba"], frozen=1, retrieval={"pooling": "first"})
    receipt = make(job)
    assert [one["layer"] for one in receipt["compared"]["views"]] == [2, 3]
    assert receipt["views"] == [{"layer": 3, "pooling": "first", "chosen_by": "config"}]
    json.dumps(receipt)


def test_choice_by_hand():
    views = all_views(1, 3, "dev")
    assert views == [
        LayerPooling(2, "mean"),
        LayerPooling(3, "mean"),
        LayerPooling(2, "first"),
        LayerPooling(3, "first"),
    ]
    compared = LayerScores()
    for view, scores in zip(views, ([40, 60], [70, 20], [50, 50], [10, 10]), strict=True):
        for language, value in zip(("de", "fr"), scores, strict=True):
            compared.add(view, language, value)
    open_still = {"layer": "dev", "pooling": "dev"}
    assert choose(open_still, views, compared) == LayerPooling(
        2, "mean"
    )  # 50 like first's: mean goes before
    assert choose(open_still | {"layer": None}, views, compared) == LayerPooling(3, "mean")
    firsts = [view for view in views if view.pooling == "first"]
    assert choose({"layer": "dev", "pooling": "first"}, firsts, compared) == LayerPooling(
        2, "first"
    )
    # Of layers that are equal, or unknown, the highest.
    assert choose(open_still, views, LayerScores()) == LayerPooling(3, "mean")


def test_half_of_a_sample_are_gold_pairs_and_whole(workshop):
    found = bucc("de", 3, pairs=40, alone=60, copies=False)
    workshop.prepare("bucc", "retrieval", {"dev": found, "test": found}, None)
    inputs = workshop.inputs("bucc", "dev")
    corpus = merged(corpora(inputs)["de"], inputs)
    assert corpus.sample(1000, "de") is corpus
    small = corpus.sample(50, "de")
    sizes = [len(small.ids[side]) for side in ("source", "target")]
    assert sizes == [50, 50] and len(small.gold) == 25
    assert small.gold.items() < corpus.gold.items()
    assert set(small.gold) < set(small.ids["source"])
    assert set(small.gold.values()) < set(small.ids["target"])
    # A sentence whose translation was left out is not taken for one without a translation.
    assert not (set(corpus.gold) - set(small.gold)) & set(small.ids["source"])
    assert corpus.sample(50, "fr").ids != small.ids
    ids = inputs.split.table["example_id"].to_pylist()
    assert [ids[row] for row in small.rows["source"]] == small.ids["source"]


@pytest.mark.parametrize("sizes", [(40, 25), (25, 40)])
@pytest.mark.parametrize("block", [7, 1000])
def test_search_by_torch_equals_the_search_in_blocks(block, sizes):
    random = np.random.default_rng(0)
    source, target = (random.standard_normal((n, 6)) for n in sizes)
    search = GpuSearch(torch.device("cpu"), block)
    told = []
    found = search(source, target, 4, lambda *one: told.append(one))
    for side, expected in zip(found, both_ways(source, target, 4), strict=True):
        assert (side[1] == expected[1]).all()
        assert np.allclose(side[0], expected[0], atol=1e-6)
    assert told[-1][0] == told[-1][1] == len(told)
    assert search(source, target[:2], 4)[0][0].shape == (len(source), 2)


@pytest.mark.parametrize("sizes", [(40, 25), (25, 40)])
def test_search_by_torch_normalises_every_block_once(monkeypatch, sizes):
    normalised = []

    def unit(vectors):
        normalised.append(vectors)
        return search.unit(vectors)

    monkeypatch.setattr(gpu_search, "unit", unit)
    sides = [np.random.default_rng(0).standard_normal((n, 6)) for n in sizes]
    GpuSearch(torch.device("cpu"), 7)(*sides, 4)
    assert sorted(len(block) for block in normalised) == [4, *[5] * 1, *[7] * 8]
