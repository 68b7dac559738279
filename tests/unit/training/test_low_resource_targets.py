"""The five low-resource targets: read, prepared, trained on their training sets and scored."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from seqeval.metrics import f1_score

from helpers.real_tasks import prepare_real, real_workshop
from helpers.workshop import make, predictions
from xstilts.data.store import open_split
from xstilts.evaluation.scores import score_cells

# Languages of the samples, and the training set that each target shares.
TARGETS = {
    "sib200": (119, "sib200"),
    "masakhaner": (20, "ner"),
    "masakhapos": (20, "pos"),
    "americasnli": (10, "mnli"),
    "xcopa": (11, "xcopa"),
}
LIMITS = {"train": 64, "dev": 24, "test": 3}


@pytest.fixture
def finished(tmp_path, root, samples, request):
    """Sheet of the target, receipt of its data, the job of its fine-tune and that one's receipt."""
    target, training_set = request.param, TARGETS[request.param][1]
    workshop = real_workshop(tmp_path)
    prepared = {
        name: prepare_real(workshop, root, samples, name, LIMITS) for name in {target, training_set}
    }
    sheet, data = prepared[target]
    assert sheet["training_set"] == training_set
    job = workshop.job("run", "target", [training_set], [target], epochs=1)
    job.recipe["tasks"][0]["metric"] = prepared[training_set][0]["metrics"][0]
    job.recipe["evaluation"][0]["metric"] = sheet["metrics"][0]
    return sheet, data, job, make(job)


each = pytest.mark.parametrize("finished", TARGETS, indirect=True)


def accuracy(rows):
    """In percent, over the answers or, of tagged sentences, over the words."""
    pairs = [
        (one, other)
        for row in rows
        for one, other in zip(row["prediction"].split(), row["gold"].split(), strict=True)
    ]
    return 100 * np.mean([one == other for one, other in pairs])


def spans(rows):
    """In percent, by seqeval."""
    sides = ([row[side].split(" ") for row in rows] for side in ("gold", "prediction"))
    return 100 * f1_score(*sides, zero_division=0)


@each
def test_a_real_sample_is_prepared_trained_predicted_and_scored(finished):
    sheet, data, job, run = finished
    name = sheet["name"]
    languages, _ = TARGETS[name]
    assert data["rows"]["test"] == dict.fromkeys(data["rows"]["test"], 3)
    assert len(data["rows"]["test"]) == languages
    assert data["dropped"] == {}
    assert run["training"]["diverged"] is None and run["training"]["steps"] > 3
    rows = predictions(job)
    assert len(rows) == 3 * languages
    # Answers are in the target's own words, so that they can be right.
    known = set(data["labels"])
    assert {word for row in rows for word in row["gold"].split(" ")} <= known
    assert {word for row in rows for word in row["prediction"].split(" ")} <= known
    cell = {"intermediate": "none", "target": name, "seed": 1,
            "predictions": str(job.folder / "predictions.parquet")}  # fmt: skip
    scores = score_cells([cell], {name: sheet["metrics"]}).to_pylist()
    measure = spans if name == "masakhaner" else accuracy
    for score in scores:
        if score["primary"]:
            here = [row for row in rows if row["language"] == score["language"]]
            assert score["value"] == pytest.approx(measure(here))
    assert len({score["language"] for score in scores}) == languages


@pytest.mark.parametrize("finished", ["masakhaner"], indirect=True)
def test_dates_count_as_no_entity_and_are_told(finished, samples):
    sheet, data, job, _ = finished
    assert not any("DATE" in row["gold"] for row in predictions(job))
    (told,) = [one for one in data["problems"] if "merged_labels" in one]
    # Against a count in the files themselves, whose labels 7 and 8 are B-DATE and I-DATE.
    counted = 0
    for row in predictions(job):
        code = sheet["language_codes"].get(row["language"], row["language"])
        table = pq.read_table(samples / "masakhane__masakhaner2" / code / "test.parquet")
        tags = table["ner_tags"][int(row["example_id"].removeprefix("test-"))].as_py()
        counted += sum(tag in (7, 8) for tag in tags)
    assert told.startswith(f"masakhaner test: {counted} words have a tag")


@pytest.mark.parametrize("finished", ["xcopa"], indirect=True)
def test_xcopa_is_trained_on_questions_of_two_choices_and_of_three(finished, tmp_path):
    split = open_split(tmp_path / "data" / "xcopa" / "train.arrow").table
    choices = {
        name.split("-")[0]: len(sequences)
        for name, sequences in zip(
            split["example_id"].to_pylist(), split["input_ids"].to_pylist(), strict=True
        )
    }
    assert choices == {"social_i_qa": 3, "super_glue": 2}
