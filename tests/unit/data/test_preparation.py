import hashlib

import pyarrow as pa
import pytest

from helpers.toy_data import part, recipe
from xstilts.core.errors import StudyError
from xstilts.data.store import open_split
from xstilts.preparation.prepare import prepare_task

pytestmark = pytest.mark.odd_input

PAIR = {"first": "premise", "second": "hypothesis", "label": "label"}
NAMES = ["no", "yes"]


def pairs(rows, **more):
    columns = {
        "premise": [f"first {i}" for i in range(rows)],
        "hypothesis": [f"second {i}" for i in range(rows)],
        "label": [i % 2 for i in range(rows)],
    }
    return columns | more


@pytest.fixture
def prepare(hub, tokenizer_file, tmp_path):
    def run(made, folder="out", **settings):
        receipt = prepare_task(made, tokenizer_file, tmp_path / folder, hub.root, **settings)
        names = ("train", "dev", "test")
        splits = {one: open_split(tmp_path / folder / f"{one}.arrow").table for one in names}
        return receipt, splits

    return run


def languages(*codes):
    return [part("test", code, code) for code in codes]


def test_a_task_from_files_to_splits_and_receipt(hub, prepare):
    for split, rows in (("train", 20), ("dev", 6)):
        hub.add("o/n", "c", split, pairs(rows))
    for language in ("en", "sw"):
        hub.add("o/n", language, "test", pairs(4))
    made = recipe(
        "pair_classification", PAIR, train=[part()], dev=[part("dev")],
        test=languages("en", "sw"), labels=NAMES,
    )  # fmt: skip
    receipt, splits = prepare(made)
    assert receipt["rows"] == {"train": {"en": 20}, "dev": {"en": 6}, "test": {"en": 4, "sw": 4}}
    assert receipt["label_counts"]["train"] == {"no": 10, "yes": 10}
    assert receipt["sequences"]["train"] == 20
    assert receipt["labels"] == NAMES
    assert receipt["problems"] == [] and receipt["dropped"] == {}
    assert splits["test"]["language"].to_pylist() == ["en"] * 4 + ["sw"] * 4
    assert splits["test"]["example_id"].to_pylist() == [f"test-{i}" for i in range(4)] * 2


def test_further_languages_change_nothing_in_the_others(hub, prepare):
    for split, rows in (("train", 40), ("dev", 12)):
        hub.add("o/n", "c", split, pairs(rows))
    for language, rows in (("en", 30), ("sw", 25), ("zh", 9)):
        hub.add("o/n", language, "test", pairs(rows))
    tables = []
    for codes in (("en", "sw", "zh"), ("sw",)):
        made = recipe(
            "pair_classification", PAIR, train=[part()], dev=[part("dev")],
            test=languages(*codes), labels=NAMES, limits={"train": 20, "dev": 5, "test": 7},
        )  # fmt: skip
        _, splits = prepare(made, folder="-".join(codes))
        tables.append(splits)
    wide, narrow = tables
    assert wide["train"].equals(narrow["train"]) and wide["dev"].equals(narrow["dev"])
    rows = [row for row in wide["test"].to_pylist() if row["language"] == "sw"]
    assert rows == narrow["test"].to_pylist() and len(rows) == 7


def test_same_recipe_same_bytes_and_nothing_else_in_the_folder(hub, prepare, tmp_path):
    hub.add("o/n", "c", "train", pairs(50))
    made = recipe("pair_classification", PAIR, train=[part()], labels=NAMES, limits={"train": 20})
    sums = []
    for folder in ("a", "b"):
        prepare(made, folder)
        files = sorted((tmp_path / folder).iterdir())
        assert [file.name for file in files] == ["dev.arrow", "test.arrow", "train.arrow"]
        sums.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert sums[0] == sums[1]


def test_limit_takes_the_same_rows_of_parallel_test_sets(hub, prepare):
    for language, rows in (("en", 100), ("sw", 100), ("yo", 90)):
        hub.add("o/n", language, "test", pairs(rows))
    made = recipe(
        "pair_classification", PAIR, test=languages("en", "sw", "yo"), labels=NAMES,
        limits={"test": 30},
    )  # fmt: skip
    _, splits = prepare(made)
    ids = {code: [] for code in ("en", "sw", "yo")}
    for row in splits["test"].select(["language", "example_id"]).to_pylist():
        ids[row["language"]].append(row["example_id"])
    assert ids["en"] == ids["sw"] and len(ids["en"]) == 30
    assert ids["en"] == sorted(ids["en"], key=lambda one: int(one.partition("-")[2]))
    assert len(set(ids["en"]) & set(ids["yo"])) >= 25


def test_parts_share_the_limit_and_ids_stay_unique(hub, prepare):
    hub.add("o/big", "c", "train", pairs(900))
    hub.add("o/small", "c", "train", pairs(100))
    made = recipe(
        "pair_classification", PAIR, labels=NAMES, limits={"train": 100},
        train=[part(dataset="o/big"), part(dataset="o/small")],
    )  # fmt: skip
    _, splits = prepare(made)
    ids = splits["train"]["example_id"].to_pylist()
    assert len(set(ids)) == 100
    assert 10 <= sum(one.startswith("small-train-") for one in ids) <= 25


def test_faulty_rows_are_left_out_counted_and_named(hub, prepare):
    columns = pairs(6, premise=["a", None, "c", "d", "e", "f"], label=[0, 1, 7, -1, 1, 1])
    hub.add("o/n", "c", "train", columns | {"id": ["1", "2", "3", "4", "5", "5"]})
    made = recipe("pair_classification", PAIR | {"id": "id"}, train=[part()], labels=NAMES)
    receipt, splits = prepare(made, dropped_share=0.7)
    assert splits["train"]["example_id"].to_pylist() == ["1", "5"]
    assert receipt["dropped"]["train"]["en"] == {
        "id seen before": 1,
        "label out of range": 1,
        "no label": 1,
        "null in column 'premise'": 1,
    }
    assert any("row 2 of o/n c train, label 7" in one for one in receipt["problems"])
    assert any("row 5 of o/n c train, id 5" in one for one in receipt["problems"])


@pytest.mark.parametrize("mask", [pa.array([-1] * 5), pa.nulls(5, pa.int64()), pa.array([""] * 5)])
def test_masked_test_labels_stop_the_study(hub, prepare, mask):
    hub.add("o/n", "sw", "test", pairs(5, label=mask))
    made = recipe("pair_classification", PAIR, test=languages("sw"), labels=NAMES)
    with pytest.raises(
        StudyError, match=r"toy in sw: not one row has a label in column .* of o/n sw test"
    ):
        prepare(made)


def test_masked_tags_and_answers_stop_too(hub, prepare):
    hub.add("o/n", "sw", "test", {"tokens": [["a"], ["b", "c"]], "tags": [[-1], [-1, -1]]})
    tagging = {"tokens": "tokens", "tags": "tags"}
    with pytest.raises(StudyError, match="has a label in column 'tags'"):
        prepare(recipe("tagging", tagging, test=languages("sw"), labels=NAMES))
    answers = pa.array([[], []], pa.list_(pa.string()))
    starts = pa.array([[], []], pa.list_(pa.int32()))
    row = {
        "question": ["q", "q"],
        "context": ["c", "c"],
        "answers": answers,
        "answer_start": starts,
    }
    hub.add("o/n", "sw", "test", row)
    with pytest.raises(StudyError, match="has a label in column 'answers'"):
        prepare(recipe("span_qa", {name: name for name in row}, test=languages("sw")))


def test_a_split_without_one_usable_row_stops_with_the_reason(hub, prepare, tmp_path):
    hub.add("o/n", "c", "train", pairs(3, premise=pa.nulls(3, pa.string())))
    made = recipe("pair_classification", PAIR, train=[part()], labels=NAMES)
    with pytest.raises(
        StudyError, match=r"not one usable example for train.*3 of 3 rows left out, null"
    ):
        prepare(made, dropped_share=1)
    assert list((tmp_path / "out").iterdir()) == []


def test_an_empty_language_is_named_but_does_not_stop(hub, prepare):
    hub.add("o/n", "en", "test", pairs(3))
    hub.add("o/n", "sw", "test", pa.table(pairs(3)).slice(0, 0))
    made = recipe("pair_classification", PAIR, test=languages("en", "sw"), labels=NAMES)
    receipt, _ = prepare(made)
    assert receipt["rows"]["test"] == {"en": 3, "sw": 0}
    assert "toy test sw: no examples." in receipt["problems"]


def test_missing_split_and_changed_file(hub, prepare):
    made = recipe("pair_classification", PAIR, train=[part()], labels=NAMES)
    hub.add("o/n", "c", "dev", pairs(3))
    with pytest.raises(StudyError, match="No data for o/n c train"):
        prepare(made)
    file = hub.add("o/n", "c", "train", pairs(3))
    name = str(file.relative_to(hub.root))
    made["source"]["files"] = {name: hashlib.sha256(file.read_bytes()).hexdigest()}
    assert prepare(made)[0]["rows"]["train"] == {"en": 3}
    hub.add("o/n", "c", "train", pairs(4))
    with pytest.raises(StudyError, match="no longer the file"):
        prepare(made)


def test_held_out_dev_and_train_share_nothing(hub, prepare):
    hub.add("o/n", "c", "train", pairs(300))
    made = recipe(
        "pair_classification", PAIR, train=[part()], labels=NAMES,
        held_out={"split": "dev", "from": "train", "fraction": 0.2},
    )  # fmt: skip
    _, splits = prepare(made)
    train, dev = (set(splits[one]["example_id"].to_pylist()) for one in ("train", "dev"))
    assert not train & dev and len(train | dev) == 300
    assert 35 < len(dev) < 85
    _, again = prepare(made | {"sampling_seed": 9}, "again")
    assert set(again["dev"]["example_id"].to_pylist()) == dev


def test_languages_of_one_file_are_told_apart_by_the_id(hub, prepare):
    ids = [f"{language}-{i}" for i in range(5) for language in ("english", "swahili")]
    hub.add("o/n", "c", "test", pairs(10) | {"id": ids})
    parts = [part("test", code, id_prefix=f"{name}-") for code, name in
             (("en", "english"), ("sw", "swahili"), ("te", "telugu"))]  # fmt: skip
    receipt, splits = prepare(
        recipe("pair_classification", PAIR | {"id": "id"}, test=parts, labels=NAMES)
    )
    assert receipt["rows"]["test"] == {"en": 5, "sw": 5, "te": 0}
    assert splits["test"]["example_id"].to_pylist() == sorted(ids)


def test_labels_from_the_data_put_unseen_tags_last(hub, prepare):
    hub.add("o/n", "c", "train", {"tokens": [["a", "b"], ["c"]], "tags": [["N", "V"], ["A"]]})
    hub.add("o/n", "c", "dev", {"tokens": [["a", "b"]], "tags": [["B", "N"]]})
    made = recipe(
        "tagging", {"tokens": "tokens", "tags": "tags"}, train=[part()], dev=[part("dev")],
        labels="from_data",
    )  # fmt: skip
    receipt, splits = prepare(made)
    assert receipt["labels"] == ["A", "N", "V", "B"]
    assert splits["dev"]["labels"].to_pylist() == [[3, 1]]
    assert receipt["label_counts"] == {"train": {"A": 1, "N": 1, "V": 1}, "dev": {"B": 1, "N": 1}}


def test_a_part_may_carry_its_own_columns(hub, prepare):
    hub.add("o/n", "c", "train", {"a": ["x"], "b": ["y"], "label": ["yes"]})
    own = {"first": "a", "second": "b", "label": "label"}
    receipt, _ = prepare(
        recipe("pair_classification", PAIR, train=[part(columns=own)], labels=NAMES)
    )
    assert receipt["label_counts"]["train"] == {"yes": 1}


def test_answers_longer_than_every_window_are_reported(hub, prepare):
    context = "x" * 200
    hub.add("o/n", "c", "train", {
        "id": ["1", "2"], "question": ["q", "q"], "context": [context, "a b"],
        "answers": [{"text": [context], "answer_start": [0]}, {"text": ["b"], "answer_start": [2]}],
    })  # fmt: skip
    columns = {"id": "id", "question": "question", "context": "context",
               "answers": "answers.text", "answer_start": "answers.answer_start"}  # fmt: skip
    receipt, _ = prepare(recipe("span_qa", columns, train=[part()]))
    assert receipt["problems"] == ["toy train en: 1 answers lie wholly in no window."]


def test_a_failed_preparation_leaves_the_earlier_one_alone(hub, prepare, tmp_path):
    hub.add("o/n", "c", "train", pairs(5))
    made = recipe("pair_classification", PAIR, train=[part()], labels=NAMES)
    prepare(made)
    before = {file: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    hub.add("o/n", "c", "train", pairs(5, label=[9] * 5))
    with pytest.raises(StudyError):
        prepare(made)
    assert {file: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before


def test_a_placeholder_in_every_row_stops_too(hub, prepare):
    hub.add("o/n", "sw", "test", pairs(60, label=[1] * 60))
    made = recipe("pair_classification", PAIR, test=languages("sw"), labels=NAMES)
    with pytest.raises(StudyError, match="toy in sw: all 60 rows have the same label, 'yes', in"):
        prepare(made)
    hub.add("o/n", "sw", "test", pairs(4, label=[1] * 4))
    receipt, _ = prepare(made)
    assert receipt["rows"]["test"] == {"sw": 4}


TAGS = {"tokens": "tokens", "tags": "tags"}


def test_rare_tags_make_way_for_one(hub, prepare):
    tags = [["N", "V"], ["N", "V"], ["N", "X/Y"]]
    hub.add("o/n", "c", "train", {"tokens": [["a", "b"]] * 3, "tags": tags})
    hub.add("o/n", "c", "dev", {"tokens": [["a", "b"]], "tags": [["Z", "V"]]})
    made = recipe("tagging", TAGS, train=[part()], dev=[part("dev")], labels="from_data")
    receipt, _ = prepare(made)
    assert receipt["labels"] == ["N", "V", "X/Y", "Z"]
    receipt, splits = prepare(made | {"rare_below": 2}, "two")
    assert receipt["labels"] == ["N", "V", "RARE"]
    assert splits["train"]["labels"].to_pylist() == [[0, 1], [0, 1], [0, 2]]
    assert splits["dev"]["labels"].to_pylist() == [[2, 1]]
    receipt, _ = prepare(made | {"rare_below": 3}, "three")
    assert receipt["labels"] == ["N", "RARE"]
    receipt, _ = prepare(made | {"rare_below": 1, "splits": made["splits"] | {"dev": []}}, "one")
    assert receipt["labels"] == ["N", "V", "X/Y"]


def test_integer_tags_collected_from_the_data_go_by_the_files_names(hub, prepare):
    names = {"tags": ["A", "B", "C", "D"]}
    columns = {"tokens": [["a", "b", "c"]] * 2, "tags": [[3, 1, 3], [1, 1, 0]]}
    hub.add("o/n", "c", "train", columns, names)
    made = recipe("tagging", TAGS, train=[part()], labels="from_data")
    receipt, splits = prepare(made)
    assert receipt["labels"] == ["A", "B", "D"]
    assert splits["train"]["labels"].to_pylist() == [[2, 1, 2], [1, 1, 0]]
    receipt, splits = prepare(made | {"rare_below": 2}, "two")
    assert receipt["labels"] == ["B", "D", "RARE"]
    assert splits["train"]["labels"].to_pylist() == [[1, 0, 1], [0, 0, 2]]


def test_long_sentences_are_cut_where_the_recipe_says_so(hub, prepare):
    columns = {"tokens": [["the"] * 100], "tags": [["N"] * 100]}
    hub.add("o/n", "c", "train", columns)
    made = recipe("tagging", TAGS, train=[part()], labels="from_data")
    assert prepare(made)[0]["sequences"]["train"] == 2
    receipt, splits = prepare(made | {"long_sentences": "cut"}, "cut")
    (row,) = splits["train"].to_pylist()
    assert [len(one) for one in row["input_ids"]] == [64]
    assert row["word_position"] == [*range(1, 63), *[-1] * 38]
    assert row["word_sequence"] == [0] * 62 + [-1] * 38
    assert receipt["problems"] == ["toy train en: 38 words have no token."]


def with_ids(rows, twice):
    """Pairs of which the last `twice` have the id of the first."""
    return pairs(rows) | {"id": [str(i) for i in range(rows - twice)] + ["0"] * twice}


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_more_than_two_rows_of_a_hundred_lost_stop_the_study(hub, prepare, split, tmp_path):
    hub.add("o/n", "c", split, with_ids(100, 2))
    where = {split: [part(split)]}
    made = recipe("pair_classification", PAIR | {"id": "id"}, labels=NAMES, **where)
    receipt, _ = prepare(made)
    assert receipt["dropped"] == {split: {"en": {"id seen before": 2}}}
    assert receipt["problems"] == [
        f"toy {split} en: 2 of 100 rows left out, id seen before "
        f"(first: row 98 of o/n c {split}, id 0)."
    ]
    hub.add("o/n", "c", split, with_ids(100, 3))
    with pytest.raises(StudyError) as caught:
        prepare(made, "more")
    assert str(caught.value).startswith(
        f"toy {split} en: 3 of 100 rows cannot be used, more than 2 %: correct the data, or allow "
        f"more by dropped_share in the config. toy {split} en: 3 of 100 rows left out, id seen"
    )
    assert list((tmp_path / "more").iterdir()) == []
    assert prepare(made, "allowed", dropped_share=0.03)[0]["rows"][split] == {"en": 97}


def test_one_language_that_loses_rows_stops_among_many_that_lose_none(hub, prepare):
    for language in ("en", "de", "sw"):
        hub.add("o/n", language, "test", with_ids(100, 3 if language == "de" else 0))
    made = recipe(
        "pair_classification", PAIR | {"id": "id"}, test=languages("en", "de", "sw"), labels=NAMES
    )
    with pytest.raises(StudyError, match="toy test de: 3 of 100 rows cannot be used"):
        prepare(made)


@pytest.mark.parametrize("bad", [["N"], ["N", "V", "N"], None])
def test_sentences_with_other_numbers_of_tags_stop_too(hub, prepare, bad):
    tags = [["N", "V"]] * 97 + [bad] * 3
    hub.add("o/n", "c", "train", {"tokens": [["a", "b"]] * 100, "tags": tags})
    made = recipe("tagging", TAGS, train=[part()], labels="from_data")
    with pytest.raises(StudyError, match="toy train en: 3 of 100 rows cannot be used"):
        prepare(made)


def test_a_few_drawn_rows_are_judged_by_the_whole_split(hub, prepare):
    made = recipe("pair_classification", PAIR, train=[part()], labels=NAMES, limits={"train": 20})
    hub.add("o/n", "c", "train", pairs(500))
    drawn = int(prepare(made)[1]["train"]["example_id"][0].as_py().partition("-")[2])
    labels = [number % 2 for number in range(500)]
    labels[drawn] = -1
    hub.add("o/n", "c", "train", pairs(500, label=labels))
    receipt, _ = prepare(made, "one")
    assert receipt["rows"]["train"] == {"en": 20}
    assert receipt["dropped"] == {"train": {"en": {"no label": 1}}}
    labels[drawn : drawn + 20] = [-1] * 20
    hub.add("o/n", "c", "train", pairs(500, label=labels))
    with pytest.raises(StudyError, match="toy train en: 20 of 500 rows cannot be used"):
        prepare(made, "many")


ANSWERS = {
    "lists": [{"text": ["Anna"], "answer_start": [0]}, {"text": ["Bonn"], "answer_start": [14]}],
    "structs": [
        [{"text": "Anna", "answer_start": 0}], [{"text": "Bonn", "answer_start": 14}],
    ],
    "structs in another order": [
        [{"answer_start": 0, "text": "Anna"}], [{"answer_start": 14, "text": "Bonn"}],
    ],
}  # fmt: skip
SQUAD = {"id": "id", "question": "question", "context": "context",
         "answers": "answers.text", "answer_start": "answers.answer_start"}  # fmt: skip


def questions(answers):
    rows = len(answers)
    context = ["Anna lives in Bonn."] * rows
    ids = [str(i) for i in range(rows)]
    return {"id": ids, "question": ["?"] * rows, "context": context, "answers": answers}


@pytest.mark.parametrize("form", ANSWERS)
def test_answers_as_lists_and_as_structs(hub, prepare, form):
    hub.add("o/n", "c", "test", questions(ANSWERS[form]))
    _, splits = prepare(recipe("span_qa", SQUAD, test=[part("test")]))
    assert splits["test"]["answers"].to_pylist() == [["Anna"], ["Bonn"]]
    ends = splits["test"].select(["context", "first", "last", "char_start", "char_end"]).to_pylist()
    assert len(ends) == 2 and all(row["first"][0] > 0 for row in ends)


def test_structs_with_several_answers_and_with_none(hub, prepare):
    both = [{"text": "Bonn", "answer_start": 14}, {"text": "in Bonn", "answer_start": 11}]
    hub.add("o/n", "c", "test", questions([both, [], both[:1]]))
    _, splits = prepare(recipe("span_qa", SQUAD, test=[part("test")]))
    assert splits["test"]["answers"].to_pylist() == [["Bonn", "in Bonn"], [], ["Bonn"]]


def test_structs_without_the_field_are_named(hub, prepare):
    hub.add("o/n", "c", "test", questions([[{"txt": "Anna", "answer_start": 0}]]))
    with pytest.raises(StudyError, match=r"'answers' of o/n c test has no field 'text' but is lis"):
        prepare(recipe("span_qa", SQUAD, test=[part("test")]))
