import pyarrow as pa
import pytest

from helpers.toy_data import part
from xstilts.core.errors import StudyError
from xstilts.data.columns import class_names, fields
from xstilts.kinds import kind_of

pytestmark = pytest.mark.odd_input

PAIRS, CHOICES = kind_of("pair_classification").shape, kind_of("multiple_choice").shape
PAIR = {"first": "premise", "second": "hypothesis", "label": "label"}


def pairs(**more):
    return pa.table({"premise": ["a", "b"], "hypothesis": ["c", "d"], "label": [0, 1]} | more)


def test_columns_are_renamed_and_rows_numbered():
    made = fields(pairs(), PAIR, PAIRS, part())
    assert made.to_pylist()[1] == {
        "row": 1, "example_id": "train-1", "first": "b", "second": "d", "label": 1,
    }  # fmt: skip


def test_missing_column_gets_the_nearest_name():
    table = pairs().rename_columns(["premise", "hypothesys", "label"])
    with pytest.raises(StudyError, match=r"o/n c train has no column 'hypothesis'.*'hypothesys'"):
        fields(table, PAIR, PAIRS, part())


def test_column_that_the_sheet_does_not_map():
    with pytest.raises(StudyError, match="maps no column to 'second'"):
        fields(pairs(), {"first": "premise"}, PAIRS, part())


@pytest.mark.parametrize(
    ("column", "values"),
    [("premise", [1, 2]), ("label", [0.5, 1.0]), ("hypothesis", [["a"], ["b"]])],
)
def test_wrong_type_is_named(column, values):
    table = pairs()
    table = table.set_column(table.column_names.index(column), column, pa.array(values))
    with pytest.raises(StudyError, match=f"Column '{column}' of o/n c train holds .* is needed"):
        fields(table, PAIR, PAIRS, part())


def test_fields_inside_columns_lists_of_columns_and_categories():
    table = pa.table(
        {
            "choices": [{"text": ["x", "y"]}],
            "answer0": pa.array(["p"]).dictionary_encode(),
            "answer1": ["q"],
            "label": pa.array([1], pa.int8()),
        }
    )
    inside = fields(table, {"endings": "choices.text", "label": "label"}, CHOICES, part())
    several = {"endings": ["answer0", "answer1"], "label": "label"}
    assert inside["endings"].to_pylist() == [["x", "y"]]
    assert fields(table, several, CHOICES, part())["endings"].to_pylist() == [["p", "q"]]
    with pytest.raises(StudyError, match="no field 'texts'"):
        fields(table, {"endings": "choices.texts", "label": "label"}, CHOICES, part())


def test_ids_are_text_and_fall_back_to_the_row_number():
    table = pairs(id=pa.array([7, None]))
    made = fields(table, PAIR | {"id": "id"}, PAIRS, part())
    assert made["example_id"].to_pylist() == ["7", "train-1"]


def test_id_prefix_keeps_row_numbers_of_the_file():
    table = pairs(id=["swahili-1", "english-1"])
    made = fields(table, PAIR | {"id": "id"}, PAIRS, part(id_prefix="english-"))
    assert made.select(["row", "example_id"]).to_pylist() == [{"row": 1, "example_id": "english-1"}]


def test_label_names_of_the_file(hub):
    import pyarrow.parquet as pq

    file = hub.add("o/n", "c", "train", pairs(), names={"label": ["no", "yes"]})
    assert class_names(pq.read_table(file), "label") == ["no", "yes"]
    assert class_names(pairs(), "label") is None


@pytest.mark.parametrize("tag", ["S NP", "NP ", "S\tNP", " ", "S\u00a0NP"])
def test_tags_of_the_data_hold_no_white_space(tag):
    from xstilts.data.loading import label_names

    columns = {"tokens": "tokens", "tags": "tags"}
    recipe = {"task": "ccg", "labels": "from_data", "kind": "tagging", "columns": columns}

    def read(part, columns):
        yield pa.table({"tokens": [["a", "b"], ["c"]], "tags": [["N", tag], ["N"]]})

    with pytest.raises(StudyError, match=r"ccg: the data hold the tag .* with white space in it"):
        label_names(recipe, [[part()]], read, kind_of("tagging"))
