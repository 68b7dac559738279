"""How published files spread or write what we read: each shape, and each way it can be wrong."""

import json

import pyarrow as pa
import pytest

from helpers.toy_data import part, recipe
from xstilts.core.errors import StudyError
from xstilts.data.columns import class_names, fields
from xstilts.data.store import open_split
from xstilts.kinds import kind_of
from xstilts.plan.task_kinds import check_kinds
from xstilts.preparation.prepare import prepare_task

PAIRS, CHOICES = kind_of("pair_classification").shape, kind_of("multiple_choice").shape
PAIR = {"first": "a", "second": "b", "label": "label"}
CHOICE = {"context": "c", "endings": "e", "label": "label"}


def read(columns, mapping, shape=CHOICES):
    rows = fields(pa.table(columns), mapping, shape, part()).to_pylist()
    return [{key: row[key] for key in mapping} for row in rows], [row.get("fault") for row in rows]


def pairs(**more):
    return {"a": ["x", "y"], "b": ["u", "v"], "label": [0, 1]} | more


def choices(**more):
    return {"c": ["x", "y"], "e": [["p", "q"], ["r", "s"]], "label": [0, 1]} | more


def test_truth_values_are_the_names_true_and_false(hub, tokenizer_file, tmp_path):
    hub.add("o/n", "c", "train", pairs(label=[True, False]))
    made = recipe("pair_classification", PAIR, train=[part()], labels=["false", "true"])
    prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)
    assert open_split(tmp_path / "out" / "train.arrow").table["label"].to_pylist() == [1, 0]


def test_truth_values_that_a_sheet_has_no_labels_for(hub, tokenizer_file, tmp_path):
    hub.add("o/n", "c", "train", pairs(label=[True, False]))
    made = recipe("pair_classification", PAIR, train=[part()], labels=["no", "yes"])
    with pytest.raises(StudyError, match=r"no row .* is labelled no, yes in column 'label', and 2"):
        prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)


def test_turns_of_a_dialogue_are_one_text():
    columns = choices(c=[["M: Hi.", "W: Hello."], ["M: So?"]])
    rows, faults = read(columns, CHOICE | {"context": {"join": "c", "with": " "}})
    assert [row["context"] for row in rows] == ["M: Hi. W: Hello.", "M: So?"]
    assert faults == [None, None]


def test_a_question_word_becomes_a_question():
    asked = {"replace": "q", "by": {"cause": "Why?", "effect": "And then?"}}
    columns = choices(q=["effect", "cause"])
    rows, _ = read(columns, CHOICE | {"question": asked})
    assert [row["question"] for row in rows] == ["And then?", "Why?"]


@pytest.mark.parametrize("among", ["e", ["e0", "e1"]])
def test_an_answer_as_text_is_a_place_among_the_choices(among):
    columns = choices(e0=["p", "r"], e1=["q", "s"], answer=["q", "r"])
    mapping = {"context": "c", "endings": among, "label": {"place_of": "answer", "among": among}}
    rows, _ = read(columns, mapping)
    assert [row["label"] for row in rows] == [1, 0]


def test_choices_in_fields_of_a_struct():
    columns = choices(o=[{"A": "p", "B": "q"}, {"A": "r", "B": "s"}])
    rows, _ = read(columns, CHOICE | {"endings": ["o.A", "o.B"]})
    assert [row["endings"] for row in rows] == [["p", "q"], ["r", "s"]]


def test_offsets_mark_a_word_of_each_sentence():
    columns = pairs(a=["do not pack well", "é pack"], begin=[7, 2], end=[11, 6])
    marked = {"mark": "a", "from": "begin", "to": "end", "with": "*"}
    rows, _ = read(columns, PAIR | {"first": marked}, PAIRS)
    assert [row["first"] for row in rows] == ["do not *pack* well", "é *pack*"]


@pytest.mark.parametrize(
    ("mapping", "column", "values", "reason", "detail"),
    [
        ({"context": {"join": "c", "with": " "}}, "c", [["a", None], ["b"]], "null", ""),
        (
            {"question": {"replace": "q", "by": {"cause": "Why?"}}}, "q", ["effect", "cause"],
            "a word that the sheet replaces by nothing", "'effect' is none of cause",
        ),
        (
            {"label": {"place_of": "q", "among": "e"}}, "q", ["z", "r"],
            "the answer is not one of the choices", "answer 'z' is none",
        ),
        (
            {"context": {"mark": "t", "from": "label", "to": "n", "with": "*"}}, "n", [9, 2],
            "offsets that lie outside of the text", "0 to 9 in 3 characters",
        ),
    ],
)  # fmt: skip
def test_a_row_of_which_a_field_cannot_be_made(
    hub, tokenizer_file, tmp_path, mapping, column, values, reason, detail
):
    hub.add("o/n", "c", "train", choices(t=["abc", "abc"]) | {column: values})
    made = recipe("multiple_choice", CHOICE | mapping, train=[part()], labels=["0", "1"])
    with pytest.raises(StudyError, match="1 of 2 rows cannot be used") as error:
        prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)
    assert f"left out, {reason} in column" in str(error.value) and detail in str(error.value)


def test_an_answer_that_stands_twice_among_the_choices():
    columns = choices(e=[["p", "p"], ["r", "s"]], answer=["p", "s"])
    rows, faults = read(columns, CHOICE | {"label": {"place_of": "answer", "among": "e"}})
    assert [row["label"] for row in rows] == [None, 1]
    assert faults[0]["detail"] == "answer 'p' is several"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"join": "t", "with": " "}, "Column 't' .* holds .*int.* where a list of texts is needed"),
        ({"join": "nothing", "with": " "}, "has no column 'nothing'"),
        ({"mark": "c", "from": "c", "to": "label", "with": "*"}, "Column 'c' .* where integers"),
    ],
)
def test_columns_of_the_wrong_kind_in_a_form(form, message):
    columns = choices(t=[[1], [2]])
    with pytest.raises(StudyError, match=message):
        read(columns, {"context": form, "endings": "e", "label": "label"})


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"join": "e"}, "'join' needs 'with' beside it"),
        ({"with": "e"}, "one of the keys join, replace, place_of, mark, and here is none"),
        ({"join": "e", "replace": "e"}, "and here are join and replace"),
        ({"join": "e", "with": " ", "to": "x"}, "'join' has no 'to'; "),
    ],
)
def test_a_form_with_keys_too_few_or_too_many(form, message):
    sheet = {
        "kind": "multiple_choice", "labels": ["0", "1"], "splits": {},
        "columns": CHOICE | {"context": form},
    }  # fmt: skip
    with pytest.raises(StudyError, match=f"toy.yaml, key 'columns.context': .*{message}"):
        check_kinds({"toy": sheet})


@pytest.mark.parametrize(
    "feature",
    [
        {"feature": {"names": ["O", "B"], "_type": "ClassLabel"}, "_type": "Sequence"},
        {"feature": {"names": ["O", "B"], "_type": "ClassLabel"}, "_type": "List"},
        {"feature": {"names": ["O", "B"], "_type": "ClassLabel"}, "_type": "LargeList"},
        [{"names": ["O", "B"], "_type": "ClassLabel"}],
        {"feature": [{"names": ["O", "B"], "_type": "ClassLabel"}], "_type": "Sequence"},
    ],
)
def test_class_names_of_a_list_as_versions_of_datasets_write_it(feature):
    table = pa.table({"tags": [[0, 1]]})
    for features, column in (
        ({"tags": feature}, "tags"),
        ({"words": {"tags": feature}}, "words.tags"),
        ({"words": {"feature": {"tags": feature}, "_type": "Sequence"}}, "words.tags"),
        ({"words": [{"tags": feature}]}, "words.tags"),
    ):
        metadata = {"huggingface": json.dumps({"info": {"features": features}})}
        assert class_names(table.replace_schema_metadata(metadata), column) == ["O", "B"]
        assert class_names(table.replace_schema_metadata(metadata), "other") is None


def test_places_that_are_never_right_are_refused(hub, tokenizer_file, tmp_path):
    """QuAIL's ordered file: the right answer always comes first, or is the last."""
    columns = {
        "c": [f"text {number}" for number in range(60)],
        "e": [["right", "wrong", "wrong too", "not enough information"]] * 60,
        "label": [0 if number % 3 else 3 for number in range(60)],
    }
    hub.add("o/n", "c", "train", columns)
    labels = ["0", "1", "2", "3"]
    made = recipe("multiple_choice", CHOICE, train=[part()], labels=labels)
    with pytest.raises(StudyError, match="no row of o/n c train is labelled 1, 2"):
        prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)


def test_quail_as_its_ordered_file_has_it(samples, hub, tokenizer_file, tmp_path):
    import pyarrow.parquet as pq

    file = samples / "textmachinelab__quail" / "quail" / "train.parquet"
    rows = pq.read_table(file).to_pylist()
    for row in rows:  # the right answer first, unless it is "not enough information"
        right = row["answers"][row["correct_answer_id"]]
        is_last = right.strip().lower() == "not enough information"
        others = [answer for answer in row["answers"] if answer != right]
        row["answers"] = [*others, right] if is_last else [right, *others]
        row["correct_answer_id"] = len(others) if is_last else 0
    hub.add("o/n", "c", "train", pa.Table.from_pylist(rows))
    mapping = {
        "context": "context", "question": "question", "endings": "answers",
        "label": "correct_answer_id",
    }  # fmt: skip
    made = recipe("multiple_choice", mapping, train=[part()], labels=["0", "1", "2", "3"])
    with pytest.raises(StudyError, match="no row of o/n c train is labelled 1, 2 in column"):
        prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)
