"""The table of predictions of whole runs: one row per example, scored by the metric."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from helpers import rows
from helpers.workshop import KINDS, LABELS, TAGS, make, predictions
from xstilts.core.canonical import digest
from xstilts.core.files import file_sha256
from xstilts.core.receipts import publish, read_receipt
from xstilts.data.store import open_split
from xstilts.evaluation.cells import prepared_data
from xstilts.evaluation.metrics import contributions
from xstilts.training.job import Job
from xstilts.training.publish import SCHEMA

COLUMNS = {
    "target": "string",
    "language": "string",
    "example_id": "string",
    "prediction": "string",
    "gold": "string",
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_row_per_test_example_with_its_contribution(workshop, kind):
    workshop.trained("task", kind)
    job = workshop.job("run", "target", ["task"], ["task"])
    receipt = make(job)
    path = job.folder / "predictions.parquet"
    schema = pq.read_schema(path)
    assert {field.name: str(field.type) for field in schema} | {"score": ""} == COLUMNS | {
        "score": ""
    }
    assert schema.names == [*COLUMNS, "score"]
    assert schema.field("score").type.value_type == "double"
    assert receipt["files"]["predictions.parquet"] == file_sha256(path)

    found = predictions(job)
    table = open_split(workshop.data("task") / "test.arrow").table.to_pylist()
    assert [(r["language"], r["example_id"]) for r in found] == [
        (row["language"], row["example_id"]) for row in table
    ]
    assert {row["target"] for row in found} == {"task"}
    metric = KINDS[kind][2]
    for language in ("en", "sw"):
        here = [row for row in found if row["language"] == language]
        expected = contributions(
            metric, [row["prediction"] for row in here], [row["gold"] for row in here], language
        )
        assert [row["score"] for row in here] == [list(map(float, one)) for one in expected]
    width = {"tagging": 3, "regression": 5}.get(kind, 1)
    assert {len(row["score"]) for row in found} == {width}
    for row, made in zip(found, table, strict=True):
        if kind == "span_qa":
            assert json.loads(row["gold"]) == made["answers"]
            assert row["prediction"] in made["context"]
        elif kind == "tagging":
            assert row["gold"].split(" ") == [TAGS[tag] for tag in made["labels"]]
            assert len(row["prediction"].split(" ")) == len(made["labels"])
            assert set(row["prediction"].split(" ")) <= set(TAGS)
        elif kind == "regression":
            assert float(row["gold"]) == made["score"]
        else:
            names = KINDS[kind][1]
            assert row["gold"] == names[made["label"]]
            assert row["prediction"] in names
            assert row["score"] == [float(row["gold"] == row["prediction"])]


def test_a_target_that_counts_its_labels_in_another_order_is_scored_by_name(workshop):
    """As XNLI is, whose training set is MNLI: only names say which labels are the same."""
    workshop.trained("mnli", "pair_classification")
    order = [2, 0, 1]
    test = rows.pairs(30, 77)
    workshop.prepare("same", "pair_classification", {"test": test}, LABELS)
    turned = [row | {"label": order.index(row["label"])} for row in test]
    names = [LABELS[index] for index in order]
    workshop.prepare("turned", "pair_classification", {"test": turned}, names)
    job = workshop.job("run", "target", ["mnli"], ["same", "turned"], epochs=6)
    make(job)
    found = {
        name: [r for r in predictions(job) if r["target"] == name] for name in ("same", "turned")
    }
    for one, two in zip(found["same"], found["turned"], strict=True):
        assert one | {"target": ""} == two | {"target": ""}
    assert [row["gold"] for row in found["same"]] == [LABELS[row["label"]] for row in test]
    # Learnt, so that swapped names could not go unnoticed.
    assert np.mean([row["score"][0] for row in found["turned"]]) > 0.6


def test_targets_of_one_run_stand_in_one_table_each_by_its_own_metric(workshop):
    workshop.trained("squad", "span_qa")
    workshop.prepare("xquad", "span_qa", {"test": rows.questions(8, 5, "de")}, None)
    workshop.prepare("mlqa", "span_qa", {"test": rows.questions(6, 6, "zh")}, None)
    job = workshop.job("run", "target", ["squad"], ["xquad", "mlqa"])
    job.recipe["evaluation"][1]["metric"] = "mlqa_f1"
    make(job)
    found = predictions(job)
    assert [row["target"] for row in found] == ["xquad"] * 8 + ["mlqa"] * 6
    for row in found:
        metric = {"xquad": "answer_f1", "mlqa": "mlqa_f1"}[row["target"]]
        one = contributions(metric, [row["prediction"]], [row["gold"]], row["language"])
        assert row["score"] == one[0]


def test_predictions_of_a_batch_are_those_of_one_example_at_a_time(workshop, monkeypatch):
    from xstilts.encoders import batching

    def one_by_one(units, *_):
        return [np.array([unit]) for unit in range(len(units.first))]

    for kind in KINDS:
        workshop.trained(kind, kind)
        jobs = [workshop.job(f"{kind}{n}", "target", [kind], [kind], evaluations=1) for n in (1, 2)]
        make(jobs[0])
        with monkeypatch.context() as patch:
            patch.setattr(batching, "in_order", one_by_one)
            make(jobs[1])
        together, alone = map(predictions, jobs)
        if kind == "regression":  # a number, which rounding may tip over at its last digit
            numbers = [[float(row.pop("prediction")) for row in side] for side in (together, alone)]
            assert numbers[0] == pytest.approx(numbers[1], rel=1e-4)
            together, alone = ([row | {"score": 0} for row in side] for side in (together, alone))
        assert together == alone


def test_job_from_the_json_of_the_study(workshop):
    workshop.trained("task", "pair_classification")
    job = workshop.job("run", "target", ["task"], ["task"])
    plain = {
        "name": "run",
        "recipe": job.recipe,
        "folder": str(job.folder),
        "scratch": str(job.scratch),
        "encoder": str(job.encoder),
        "intermediate": None,
        "inputs": job.inputs,
    }
    assert Job.from_json(json.dumps(plain), {"checkpoint_seconds": 1e9, "seeds": [1]}) == job
    assert SCHEMA.names == [*COLUMNS, "score"]


def test_predictions_name_the_data_they_were_made_on_not_its_folder(workshop):
    for task in ("one", "two"):
        workshop.trained(task, "pair_classification")
        folder = workshop.data(task)
        publish(folder, read_receipt(folder) | {"recipe": {"task": task}})
    job = workshop.job("run", "target", ["one"], ["one", "two"])
    # The data of another task under this one's name, as after an exchange of folders.
    job.inputs["two"]["data"] = str(workshop.data("one"))
    make(job)
    named = prepared_data(job.folder / "predictions.parquet")
    assert named == {target: digest({"task": "one"}) for target in ("one", "two")}
