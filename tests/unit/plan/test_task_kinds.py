"""A sheet of a kind or with a metric that is not there, or with fields that its kind has not."""

import pytest

from xstilts.core import StudyError
from xstilts.plan.task_kinds import check_kinds, check_metrics


@pytest.fixture
def sheets():
    part = {"dataset": "a/b", "columns": {"first": "premise"}}
    columns = {"id": "id", "first": "a", "second": "b", "label": "c"}
    sheet = {"kind": "pair_classification", "columns": columns, "splits": {"train": [part]}}
    sheet["labels"] = ["entailment", "contradiction"]
    sheet["metrics"] = ["accuracy", "matthews_correlation"]
    return {"mnli": sheet}


def refusal(check, sheets) -> str:
    with pytest.raises(StudyError) as error:
        check(sheets)
    return str(error.value)


def test_what_is_right_passes(sheets):
    check_kinds(sheets)
    check_metrics(sheets)


def test_every_sheet_that_ships_passes(plan):
    assert len(plan().sheets) > 15


def test_an_unknown_kind(sheets):
    sheets["mnli"]["kind"] = "taging"
    assert refusal(check_kinds, sheets) == (
        "resources/tasks/mnli.yaml, key 'kind': There is no kind of task 'taging'; "
        "did you mean 'tagging'?"
    )


@pytest.mark.parametrize("where", ["sheet", "part"])
def test_a_field_that_the_kind_has_not(sheets, where):
    sheet = sheets["mnli"]
    columns = sheet["columns"] if where == "sheet" else sheet["splits"]["train"][0]["columns"]
    columns["frist"] = "premise"
    assert refusal(check_kinds, sheets) == (
        "resources/tasks/mnli.yaml, key 'columns': a task of kind pair_classification has no field "
        "'frist'; did you mean 'first'?"
    )


def test_an_unknown_metric(sheets):
    sheets["mnli"]["metrics"] = ["accuracy", "pearsn"]
    assert refusal(check_metrics, sheets) == (
        "resources/tasks/mnli.yaml, key 'metrics': There is no metric 'pearsn'; "
        "did you mean 'pearson'?"
    )


def test_labels_of_a_kind_that_has_none(sheets):
    sheets["mnli"] |= {"kind": "regression", "columns": {"first": "a", "second": "b", "score": "c"}}
    assert refusal(check_kinds, sheets) == (
        "resources/tasks/mnli.yaml, key 'labels': a task of kind regression has no labels with "
        "names; say null."
    )


def test_no_labels_of_a_kind_that_has_them(sheets):
    sheets["mnli"]["labels"] = None
    assert refusal(check_kinds, sheets) == (
        "resources/tasks/mnli.yaml, key 'labels': a task of kind pair_classification has labels "
        "with names; list its labels, or say from_data."
    )


def test_merged_labels_of_a_kind_without_tags(sheets):
    sheets["mnli"]["merged_labels"] = {"neutral": "contradiction"}
    assert refusal(check_kinds, sheets) == (
        "resources/tasks/mnli.yaml, key 'merged_labels': these are of tags, and a task of kind "
        "pair_classification has none; leave the key out."
    )
