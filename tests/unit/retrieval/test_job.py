"""Retrieval runs against a brute-force search over vectors computed one sentence at a time."""

import json

import numpy as np
import pytest

from helpers import rows
from helpers.slow_search import K, bucc, f1_of, mined, side, tatoeba
from helpers.workshop import LAYERS, make, predictions
from xstilts.core.receipts import publish
from xstilts.encoders.load import load_encoder
from xstilts.evaluation.metrics import contributions
from xstilts.retrieval import job as retrieval
from xstilts.retrieval.sentences import embed


@pytest.mark.parametrize(("layer", "frozen"), [(None, 0), (2, 0), (2, 1), (None, 1)])
def test_tatoeba_finds_the_nearest_sentence_of_the_other_language(workshop, layer, frozen):
    found = tatoeba("de", 25, 1) + tatoeba("sw", 9, 2)
    workshop.prepare("tatoeba", "retrieval", {"test": found}, None)
    job = workshop.job("run", "target", [], ["tatoeba"], frozen=frozen, retrieval={"layer": layer})
    receipt = make(job)
    encoder = load_encoder(workshop.encoder)
    expected = []
    for language in ("de", "sw"):
        sources = side(found, language, "source", encoder, layer)
        for identifier, _, point in side(found, language, "target", encoder, layer):
            nearest = max(sources, key=lambda source: source[2] @ point)[0]
            expected.append((language, identifier, nearest, identifier.replace("t", "s")))
    table = predictions(job)
    keys = ("language", "example_id", "prediction", "gold")
    assert [tuple(row[key] for key in keys) for row in table] == expected
    assert [row["score"] for row in table] == [[float(p == g)] for *_, p, g in expected]
    right = np.mean([p == g for *_, p, g in expected])
    assert 0.3 < right < 1  # neither trivial nor chance, which is 0.1 at most
    assert receipt["status"] == "done"
    assert {row["target"] for row in table} == {"tatoeba"}


@pytest.mark.parametrize("margin", ["ratio", "cosine"])
def test_bucc_cuts_at_the_score_that_is_best_on_dev(workshop, margin):
    dev = bucc("de", 1) + bucc("ru", 2, pairs=8, alone=14)
    test = bucc("de", 3) + bucc("ru", 4, pairs=10, alone=4, copies=False) + bucc("zh", 5)
    workshop.prepare("bucc", "retrieval", {"dev": dev, "test": test}, None)
    settings = {"neighbours": K, "margin": margin}
    job = workshop.job("run", "target", [], ["bucc"], retrieval=settings)
    receipt = make(job)
    encoder = load_encoder(workshop.encoder)
    table = predictions(job)
    # Without a dev set no threshold can be found.
    assert list(dict.fromkeys(row["language"] for row in table)) == ["de", "ru"]
    for language in ("de", "ru"):
        pairs, gold, _ = mined(dev, language, encoder, margin)
        best = max(f1_of(pairs, gold, value) for value, _, _ in pairs)
        facts = receipt["thresholds"][language]
        assert facts["dev_f1"] == pytest.approx(best)
        assert f1_of(pairs, gold, facts["threshold"]) == pytest.approx(best)
        assert 0 < best < 100
        pairs, gold, sources = mined(test, language, encoder, margin)
        taken = {a: b for value, a, b in pairs if value >= facts["threshold"]}
        expected = [(a, taken.get(a, ""), gold.get(a, "")) for a in sources]
        here = [row for row in table if row["language"] == language]
        assert [(r["example_id"], r["prediction"], r["gold"]) for r in here] == expected
        scores = contributions(
            "mining_f1", *zip(*[(p, g) for _, p, g in expected], strict=True), ""
        )
        assert [row["score"] for row in here] == [list(map(float, one)) for one in scores]
        assert 0 < len(taken) < len(sources)


@pytest.mark.parametrize(("compared", "again"), [(1000, 0), (9, 1)])
@pytest.mark.parametrize("layer", [None, "dev"])
def test_dev_is_embedded_once_unless_a_sample_of_it_was_compared(
    workshop, monkeypatch, layer, compared, again
):
    dev, test = bucc("de", 1) + bucc("ru", 2, pairs=8, alone=14), bucc("de", 3) + bucc("ru", 4, 5)
    workshop.prepare("bucc", "retrieval", {"dev": dev, "test": test}, None)
    seen = []

    def noting(job, encoder, inputs, sentences, views):
        seen.append((inputs.split.table.num_rows, len(sentences), len(views)))
        return embed(job, encoder, inputs, sentences, views)

    monkeypatch.setattr(retrieval, "embed", noting)
    settings = {"layer": layer, "compared_sentences": compared}
    receipt = make(workshop.job("run", "target", [], ["bucc"], retrieval=settings))
    calls = [views for rows, _, views in seen if rows == len(dev)]
    assert sorted(calls) == sorted([LAYERS] * 4 + [1] * 4 * again)
    # What was said of all of dev at first is what a search with the chosen layer alone says.
    view = receipt["views"][0]["layer"]
    again = workshop.job("again", "target", [], ["bucc"], retrieval=settings | {"layer": view})
    assert make(again)["thresholds"] == receipt["thresholds"]


def test_sentences_that_stand_there_twice_have_one_row_under_their_first_id(workshop):
    found = bucc("de", 3)
    workshop.prepare("bucc", "retrieval", {"dev": bucc("de", 1), "test": found}, None)
    job = workshop.job("run", "target", [], ["bucc"])
    make(job)
    row = {row["example_id"]: row for row in predictions(job)}
    sources = [r["example_id"] for r in found if r["side"] == "source"]
    assert list(row) == [one for one in sources if one not in ("s1", "s-again")]
    # Gold follows its sentence: s1 to its copy, s-again to s3, t-again to t2.
    assert row["copy-first"]["gold"] == "t1"
    assert row["s3"]["gold"] == "t3"
    assert row["s2"]["gold"] == "t2"
    assert {r["score"][2] for r in row.values()} == {0.0, 1.0}
    assert sum(r["score"][2] for r in row.values()) == 12


def test_where_dev_has_nothing_right_nothing_is_taken_and_the_receipt_is_json(workshop):
    dev = [
        rows.sentence("s0", "de", "source", [5, 5, 5], "t0"),
        rows.sentence("s1", "de", "source", [9, 9, 9]),
        rows.sentence("t0", "de", "target", [9, 9, 9]),
        rows.sentence("t1", "de", "target", [5, 5, 5]),
    ]
    workshop.prepare("bucc", "retrieval", {"dev": dev, "test": bucc("de", 3)}, None)
    job = workshop.job("run", "target", [], ["bucc"], retrieval={"margin": "cosine"})
    receipt = make(job)
    assert receipt["thresholds"]["de"] == {"threshold": None, "dev_f1": 0}
    assert {row["prediction"] for row in predictions(job)} == {""}
    json.loads((job.folder / "receipt.json").read_text(), parse_constant=pytest.fail)


def test_a_trained_encoder_searches_otherwise(workshop):
    workshop.trained("pairs", "pair_classification")
    workshop.prepare("tatoeba", "retrieval", {"test": tatoeba("de", 25, 1)}, None)
    parent = workshop.job("parent", "intermediate", ["pairs"], epochs=4)
    make(parent)
    plain = workshop.job("plain", "target", [], ["tatoeba"])
    trained = workshop.job("trained", "target", [], ["tatoeba"], parent)
    make(plain)
    receipt = make(trained)
    assert receipt["transplant"]["carried"] == 53
    answers = [[row["prediction"] for row in predictions(job)] for job in (plain, trained)]
    assert answers[0] != answers[1]


def test_without_the_weights_of_its_parent_nothing_is_found(workshop):
    workshop.trained("pairs", "pair_classification")
    workshop.prepare("tatoeba", "retrieval", {"test": tatoeba("de", 5, 1)}, None)
    parent = workshop.job("parent", "intermediate", ["pairs"])
    publish(parent.folder, {"status": "diverged", "reason": "the loss was nan"})
    job = workshop.job("run", "target", [], ["tatoeba"], parent)
    receipt = make(job)
    assert receipt["status"] == "diverged"
    assert "parent diverged (the loss was nan)" in receipt["reason"]
    assert predictions(job) == []
