"""similarity.parquet from embeddings made by hand."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xstilts.similarity.artifacts import ARRAYS, EVIDENCE, TEXT_SCHEMA, TEXTS
from xstilts.similarity.comparison import SCHEMA, Comparison
from xstilts.similarity.measures import measure_names, measure_of
from xstilts.similarity.task_map import write_map

TOPIC = {"near": 0, "nearer": 0, "far": 3, "like_near": 0, "like_far": 3, "search": 1}
WORDS = ["cat dog sat ran", "sun sky", "one two", "stock price fell again"]
SPLITS = 10


def embed(folder, name, languages=(), labels=True, count=16):
    """A task about one of four topics, in each language a little further off."""
    folder.mkdir()
    random = np.random.default_rng(len(name))
    topic = TOPIC[name]
    centre = np.eye(4)[topic]
    table = [
        ("", f"{WORDS[topic]} {number}", [WORDS[topic]] * (1 + topic)) for number in range(count)
    ]
    points = [centre + 0.2 * random.standard_normal((count, 4))]
    for step, language in enumerate(languages, 1):
        table += [(language, "text", ["text"])] * 6
        points.append(centre + 0.4 * step + 0.2 * random.standard_normal((6, 4)))
    arrays = {"text": points[0], "languages": np.concatenate(points)}
    if labels:
        arrays["task"] = arrays["task_batch_summed"] = centre + random.random((8, 4))
    np.savez(folder / ARRAYS, **arrays)
    columns = [{"language": one, "example_id": "", "text": text, "segments": segments}
               for one, text, segments in table]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(columns, schema=TEXT_SCHEMA), folder / TEXTS)


@pytest.fixture
def plan(tmp_path):
    targets = {"like_near": "like_near", "like_far": "like_far", "search": None}
    for name in ("near", "nearer", "far"):
        embed(tmp_path / name, name)
    for name, labels in targets.items():
        embed(tmp_path / name, name, ["en", "sw"], labels is not None)
    evidence = {}
    for shift, name in enumerate(("near", "nearer", "far")):
        evidence[name] = [str(tmp_path / f"{name}-{seed}") for seed in (1, 2)]
        for seed, folder in enumerate(evidence[name]):
            values = {"like_near": [float(seed - shift)] * 21, "like_far": [0.5 * shift] * 21}
            (tmp_path / folder).mkdir()
            (tmp_path / folder / EVIDENCE).write_text(json.dumps(values))
    return {
        "measures": measure_names(),
        "language_measures": ["text_embedding", "negative_mmd"],
        "subsamples": SPLITS,
        "seed": 1,
        "intermediates": {n: {"text": n, "labels": n} for n in ("near", "nearer", "far")},
        "targets": {
            name: {"text": name, "labels": labels, "languages": ["en", "sw"]}
            for name, labels in targets.items()
        },
        "embeddings": {name: str(tmp_path / name) for name in TOPIC},
        "evidence": evidence,
        "problems": ["said before."],
    }


def by_key(table):
    keys = ("measure", "intermediate", "target", "language")
    return {tuple(row[key] for key in keys): row for row in table.to_pylist()}


def test_every_measure_finds_the_alike_tasks(plan):
    table = Comparison(plan).table()
    assert table.schema == SCHEMA
    found = by_key(table)
    assert len(found) == len(table) == 9 * 9 + 2 * 9 * 2
    for measure in (name for name in measure_names() if not measure_of(name).reads_runs):
        for target, right, wrong in (("like_near", "near", "far"), ("like_far", "far", "near")):
            good = found[measure, right, target, None]
            bad = found[measure, wrong, target, None]
            assert good["similarity"] > bad["similarity"]
            assert good["low"] <= good["similarity"] <= good["high"]
            assert 0.5 < good["reliability"] <= 1


def test_similarity_varies_with_language(plan):
    found = by_key(Comparison(plan).table())
    for measure in plan["language_measures"]:
        english = found[measure, "near", "like_near", "en"]["similarity"]
        assert english > found[measure, "near", "like_near", "sw"]["similarity"]


def test_evidence_is_the_mean_over_seeds(plan):
    found = by_key(Comparison(plan).table())
    assert found["log_evidence", "nearer", "like_near", None]["similarity"] == -0.5
    assert found["log_evidence", "far", "like_far", None]["similarity"] == 1


def test_what_cannot_be_known_is_null_and_said(plan):
    comparison = Comparison(plan)
    found = by_key(comparison.table())
    for measure in ("task_embedding", "task_embedding_batch_summed", "log_evidence"):
        row = found[measure, "near", "search", None]
        assert {row[key] for key in ("similarity", "low", "high", "reliability")} == {None}
        reason = "no labelled training set, or too few examples in it."
        assert f"{measure} is not known of search: {reason}" in comparison.problems
    assert comparison.problems[0] == "said before."
    assert found["text_embedding", "near", "search", None]["similarity"] is not None


def test_an_intermediate_that_diverged_is_null(plan):
    from pathlib import Path

    for folder in plan["evidence"]["near"]:
        (Path(folder) / EVIDENCE).write_text("{}")
    comparison = Comparison(plan)
    found = by_key(comparison.table())
    assert found["log_evidence", "near", "like_near", None]["similarity"] is None
    assert found["log_evidence", "far", "like_near", None]["similarity"] is not None
    assert any("near and like_near" in one for one in comparison.problems)


def test_a_task_of_too_few_texts(plan, tmp_path):
    embed(tmp_path / "tiny", "near", count=3)
    plan["embeddings"]["near"] = str(tmp_path / "tiny")
    comparison = Comparison(plan)
    found = by_key(comparison.table())
    assert found["text_embedding", "near", "like_near", None]["similarity"] is None
    assert found["text_embedding", "far", "like_near", None]["similarity"] is not None
    assert "text_embedding is not known of near: too few texts." in comparison.problems


def test_same_bytes_again(plan, tmp_path):
    for name in ("one", "other"):
        comparison = Comparison(plan)
        pq.write_table(comparison.table(), tmp_path / f"{name}.parquet")
        write_map(comparison, tmp_path / f"{name}.tsv")
    for kind in ("parquet", "tsv"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"other.{kind}").read_bytes()


def test_map(plan, tmp_path):
    write_map(Comparison(plan), tmp_path / "map.tsv")
    header, *lines = (tmp_path / "map.tsv").read_text().splitlines()
    assert header == "task\trole\tx\ty"
    places = {name: (float(x), float(y)) for name, _, x, y in map(str.split, lines)}
    assert set(places) == set(TOPIC)
    assert [line.split("\t")[1] for line in lines] == ["intermediate"] * 3 + ["target"] * 3

    def distance(one, other):
        return np.hypot(*np.subtract(places[one], places[other]))

    assert distance("near", "like_near") < distance("near", "like_far")
