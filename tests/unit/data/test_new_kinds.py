"""Single texts with a label, pairs with a score, and choices of unequal number, from files."""

import pyarrow as pa
import pytest

from helpers.toy_data import part, recipe
from xstilts.core.errors import StudyError
from xstilts.data.store import open_split
from xstilts.preparation.prepare import prepare_task

SCORED = {"first": "one", "second": "two", "score": "score"}
CHOICES = {"context": "premise", "endings": "choices", "label": "label"}


@pytest.fixture
def prepare(hub, tokenizer_file, tmp_path):
    def run(made):
        receipt = prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)
        return receipt, open_split(tmp_path / "out" / "train.arrow").table.to_pylist()

    return run


def test_a_text_is_one_segment_cut_at_the_maximum_length(hub, prepare):
    texts = ["abc", "x" * 100, "ñ"]
    hub.add("o/n", "c", "train", {"body": texts, "topic": ["sports", "travel", "sports"]})
    made = recipe(
        "text_classification", {"text": "body", "label": "topic"}, train=[part()],
        labels=["travel", "sports"], maximum_length=16,
    )  # fmt: skip
    receipt, rows = prepare(made)
    assert [row["label"] for row in rows] == [1, 0, 1]
    assert [row["second"] for row in rows] == [[0]] * 3
    assert [len(row["input_ids"][0]) for row in rows] == [6, 16, 4]
    assert receipt["label_counts"]["train"] == {"sports": 2, "travel": 1}


@pytest.mark.parametrize("numbers", [pa.float32(), pa.float64(), pa.int64()])
def test_scores_stay_numbers(hub, prepare, numbers):
    scores = pa.array([0, 3, 5], numbers)
    hub.add("o/n", "c", "train", {"one": list("abc"), "two": list("def"), "score": scores})
    receipt, rows = prepare(recipe("regression", SCORED, train=[part()]))
    assert [row["score"] for row in rows] == [0.0, 3.0, 5.0]
    assert receipt["labels"] is None and receipt["label_counts"] == {}
    assert all(row["second"][0] > 1 for row in rows)


def test_a_score_that_is_none_is_left_out_and_told(hub, prepare):
    scores = [float(number % 5) for number in range(100)]
    scores[7], scores[9] = None, float("nan")
    columns = {"one": ["a"] * 100, "two": ["b"] * 100, "score": scores}
    hub.add("o/n", "c", "train", columns)
    receipt, rows = prepare(recipe("regression", SCORED, train=[part()]))
    assert len(rows) == 98
    (told,) = receipt["problems"]
    assert "2 of 100 rows left out, no score in column 'score'" in told


def test_scores_that_were_taken_out_are_no_scores(hub, prepare):
    """As in the published test files of GLUE."""
    columns = {"one": ["a"] * 60, "two": ["b"] * 60, "score": [-1.0] * 60}
    hub.add("o/n", "c", "train", columns)
    with pytest.raises(StudyError, match="not one row has a label in column 'score'"):
        prepare(recipe("regression", SCORED, train=[part()]))


def test_text_where_numbers_are_needed(hub, prepare):
    hub.add("o/n", "c", "train", {"one": ["a"], "two": ["b"], "score": ["five"]})
    with pytest.raises(StudyError, match="holds string where numbers is needed"):
        prepare(recipe("regression", SCORED, train=[part()]))


def test_questions_may_have_two_choices_or_three(hub, prepare):
    choices = [["a", "b"], ["a", "b", "c"], ["b", "a"]]
    hub.add("o/n", "c", "train", {"premise": list("xyz"), "choices": choices, "label": [1, 2, 0]})
    _, rows = prepare(recipe("multiple_choice", CHOICES, train=[part()], labels=["1", "2", "3"]))
    assert [len(row["input_ids"]) for row in rows] == [2, 3, 2]
    assert [row["label"] for row in rows] == [1, 2, 0]


def test_a_choice_beyond_the_sheets_labels(hub, prepare):
    choices = [["a", "b"]] * 99 + [["a", "b", "c"]]
    columns = {"premise": ["x"] * 100, "choices": choices, "label": [0, 1] * 50}
    columns["label"][-1] = 0
    hub.add("o/n", "c", "train", columns)
    receipt, rows = prepare(recipe("multiple_choice", CHOICES, train=[part()], labels=["1", "2"]))
    assert len(rows) == 99
    (told,) = receipt["problems"]
    assert "more choices than labels" in told and "3 choices, 2 labels" in told


def two_sets(hub):
    three = {"premise": list("xyz") * 20, "choices": [list("abc")] * 60, "label": [0, 1, 2] * 20}
    two = {"premise": list("xy") * 30, "choices": [list("ab")] * 60, "label": [0, 1] * 30}
    hub.add("o/three", "c", "train", three)
    hub.add("o/two", "c", "train", two)
    return [part(dataset="o/three"), part(dataset="o/two")]


def test_a_training_set_of_two_data_sets_has_all_classes_between_them(hub, prepare):
    made = recipe("multiple_choice", CHOICES, train=two_sets(hub), labels=["1", "2", "3"])
    receipt, rows = prepare(made)
    assert sorted({len(row["input_ids"]) for row in rows}) == [2, 3]
    assert receipt["label_counts"]["train"] == {"1": 50, "2": 50, "3": 20}


def test_a_class_that_neither_of_two_data_sets_has(hub, prepare):
    made = recipe("multiple_choice", CHOICES, train=two_sets(hub), labels=list("1234"))
    with pytest.raises(StudyError) as error:
        prepare(made)
    assert str(error.value) == (
        "toy in en: no row of o/three c train and o/two c train is labelled 4 in column 'label': "
        "use data with every label of the sheet, or correct it."
    )
