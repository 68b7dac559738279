"""Integers in a file stand for the file's own class names, whatever names those are."""

import pyarrow as pa
import pytest

from helpers.toy_data import part, recipe
from xstilts.core.errors import StudyError
from xstilts.data.labels import indexer
from xstilts.data.row_faults import RowError
from xstilts.data.store import open_split
from xstilts.preparation.prepare import prepare_task

pytestmark = pytest.mark.odd_input

NLI = ["entailment", "neutral", "contradiction"]
NER = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
POS = [
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN",
    "PUNCT", "SCONJ", "SYM", "VERB", "X",
]  # fmt: skip
# A treebank without INTJ, SYM and X: all its names are the sheet's, and most integers are not.
GERMAN = [name for name in POS if name not in ("INTJ", "SYM", "X")]


@pytest.fixture
def prepare(hub, tokenizer_file, tmp_path):
    def run(made, folder="out"):
        receipt = prepare_task(made, tokenizer_file, tmp_path / folder, hub.root)
        return receipt, open_split(tmp_path / folder / "test.arrow").table

    return run


def tagging(labels, **more):
    columns = {"tokens": "tokens", "tags": "tags"}
    return recipe("tagging", columns, test=[part("test", "de")], labels=labels, **more)


def pairs(labels=NLI, **more):
    columns = {"first": "a", "second": "b", "label": "label"}
    split = more.pop("split", "test")
    return recipe(
        "pair_classification", columns, labels=labels, **{split: [part(split, "en")]}, **more
    )


def named(table, labels):
    return [[labels[index] for index in row] for row in table["labels"].to_pylist()]


def test_a_treebank_without_some_of_the_tags(hub, prepare):
    words = ["Das", "große", "Haus", "steht", "in", "Bonn", "."]
    tags = ["DET", "ADJ", "NOUN", "VERB", "ADP", "PROPN", "PUNCT"]
    columns = {"tokens": [words], "tags": [[GERMAN.index(tag) for tag in tags]]}
    hub.add("o/n", "c", "test", columns, {"tags": GERMAN})
    receipt, table = prepare(tagging(POS))
    assert named(table, POS) == [tags]
    assert receipt["dropped"] == {} and receipt["problems"] == []


@pytest.mark.parametrize(
    "own",
    [
        ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"],  # no organisations, another order
        ["O", "b-loc", "i-loc", "b-per", "i-per"],  # and in small letters
        ["O", "B-LOC", "I-LOC", "B-PER", "I-PER", "B-DATE", "I-DATE"],  # and names beyond the sheet
        list(reversed(NER)),
    ],
)
def test_entities_keep_their_names(hub, prepare, own):
    tags = ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC"]
    folded = [name.upper() for name in own]
    columns = {"tokens": [list("abcdef")], "tags": [[folded.index(tag) for tag in tags]]}
    hub.add("o/n", "c", "test", columns, {"tags": own})
    _, table = prepare(tagging(NER))
    assert named(table, NER) == [tags]


@pytest.mark.parametrize(
    "own",
    [
        ["Contradiction", "Neutral", "Entailment"],
        ["CONTRADICTION", "neutral", "entailment"],
        [" contradiction", "neutral ", "entailment"],
        ["contradictory", "neutral", "entails"],
    ],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_capitals_blanks_and_known_respellings(hub, prepare, own, as_text):
    values = own if as_text else [0, 1, 2]
    columns = {"a": ["x"] * 3, "b": ["y"] * 3, "label": values}
    hub.add("o/n", "c", "test", columns, None if as_text else {"label": own})
    respellings = {"contradictory": "contradiction", "Entails": "entailment"}
    _, table = prepare(pairs(label_respellings=respellings))
    assert [NLI[index] for index in table["label"].to_pylist()] == [
        "contradiction", "neutral", "entailment",
    ]  # fmt: skip


def test_a_name_of_the_sheet_goes_before_one_that_differs_in_capitals():
    label = indexer(["NN", "nn", "V"], ["nn", "NN", "v"])
    assert [label(value) for value in (0, 1, 2)] == [1, 0, 2]
    # Which of the two "Nn" is nobody knows.
    with pytest.raises(RowError, match="unknown label"):
        indexer(["NN", "nn"], None)("Nn")


@pytest.mark.parametrize("own", [["0", "1"], None])
def test_bare_numbers_or_none_leave_the_sheets_order(own):
    label = indexer(["different", "paraphrase"], own)
    assert [label(0), label(1)] == [0, 1]


def test_a_sheet_whose_labels_are_numbers_goes_by_them():
    assert indexer(["0", "1", "2"], ["2", "1", "0"])(0) == 2
    assert indexer(["0", "1", "2"], ["0", "1"])(1) == 1


@pytest.mark.parametrize(
    "own",
    [
        ["not_entailment", "entails"],  # nothing in common
        ["1", "0"],  # numbers that are not their places
        ["0", "1"],  # two where three are needed
        ["0", "1", "2", "3"],
    ],
)
def test_other_names_are_refused_with_both_lists(hub, prepare, own):
    hub.add("o/n", "c", "test", {"a": ["x"], "b": ["y"], "label": [1]}, {"label": own})
    with pytest.raises(StudyError) as caught:
        prepare(pairs())
    sentence = str(caught.value)
    assert "toy in en: column 'label' of o/n c test" in sentence
    assert f"names its labels {', '.join(own)}" in sentence
    assert "where the sheet has entailment, neutral, contradiction" in sentence


def rows(names, **more):
    return {"a": ["x"] * len(names), "b": ["y"] * len(names), "label": names} | more


def test_a_class_that_hides_behind_an_unknown_name_stops_the_study(hub, prepare):
    names = ["entailment", "neutral"] * 60 + ["against"]
    hub.add("o/n", "c", "test", rows(names))
    with pytest.raises(StudyError) as caught:
        prepare(pairs())
    assert str(caught.value) == (
        "toy in en: no row of o/n c test is labelled contradiction in column 'label', and 1 has a "
        "label that the sheet lacks (against): name it under label_respellings in the sheet, or "
        "correct the file."
    )
    own = ["entailment", "neutral", "against"]
    numbers = [own.index(name) for name in names]
    hub.add("o/n", "c", "test", rows(numbers), {"label": own})
    with pytest.raises(StudyError, match=r"no row of .* contradiction .* lacks \(against\)"):
        prepare(pairs())
    receipt, _ = prepare(pairs(label_respellings={"against": "contradiction"}))
    assert receipt["label_counts"]["test"] == {
        "contradiction": 1, "entailment": 60, "neutral": 60,
    }  # fmt: skip


def test_labels_counted_from_one(hub, prepare):
    hub.add("o/n", "c", "test", rows([1, 2, 3] * 30))
    with pytest.raises(StudyError, match=r"labelled entailment .* 30 have a label .* lacks \(3\)"):
        prepare(pairs())


def test_a_training_set_that_lacks_a_class_stops_and_a_test_set_does_not(hub, prepare):
    hub.add("o/n", "c", "test", rows(["entailment", "neutral"] * 30))
    assert prepare(pairs())[0]["rows"]["test"] == {"en": 60}
    hub.add("o/n", "c", "train", rows(["entailment", "neutral"] * 30))
    with pytest.raises(StudyError, match="no row of o/n c train is labelled contradiction in col"):
        prepare(pairs(split="train"))
    # A tagger may well not meet each tag in the text that it is given.
    hub.add("o/n", "c", "test", {"tokens": [["a", "b"]] * 60, "tags": [[0, 1]] * 60})
    made = tagging(NER)
    made["splits"]["train"] = [part("test", "en")]
    prepare(made, "tags")


def test_columns_of_categories_are_names_too(hub, prepare):
    labels = pa.array(["neutral", "Entailment", "contradiction"]).dictionary_encode()
    hub.add("o/n", "c", "test", {"a": ["x"] * 3, "b": ["y"] * 3, "label": labels})
    _, table = prepare(pairs())
    assert table["label"].to_pylist() == [1, 0, 2]


@pytest.mark.parametrize(
    ("own", "value", "sentence"),
    [
        (None, "maybe", "label 'maybe' is none of entailment, neutral, contradiction"),
        (None, 7, "label 7 is no place among entailment, neutral, contradiction"),
        (["neutral", "but"], 1, "label 1, 'but', is none of entailment, neutral, contradiction"),
        (["neutral", "entailment"], 2, "label 2 is no place among neutral, entailment"),
    ],
)
def test_messages_name_the_labels(own, value, sentence):
    with pytest.raises(RowError) as caught:
        indexer(NLI, own)(value)
    assert caught.value.detail == sentence


def test_a_long_list_of_labels_is_cut_short():
    many = indexer([f"T{number}" for number in range(40)], None)
    with pytest.raises(RowError) as caught:
        many("U")
    assert caught.value.detail == "label 'U' is none of T0, T1, T2, T3, T4, T5, T6, T7 and 32 more"


def test_labels_that_the_training_set_lacks_count_as_another_and_are_told(hub, prepare):
    """MasakhaNER has dates, PAN-X, which it is trained on, has none."""
    names = [*NER, "B-DATE", "I-DATE"]
    columns = {"tokens": [list("abc")] * 5, "tags": [[1, 7, 8]] * 5}
    hub.add("o/n", "c", "test", columns, names={"tags": names})
    merged = {"B-DATE": "O", "I-DATE": "O"}
    receipt, table = prepare(tagging(NER, merged_labels=merged))
    assert table["labels"].to_pylist() == [[1, 0, 0]] * 5
    assert receipt["problems"] == [
        "toy test de: 10 words have a tag that counts as another one (merged_labels of the sheet)."
    ]
    assert receipt["label_counts"]["test"] == {"B-PER": 5, "O": 10}


def test_labels_that_nobody_merged_are_no_labels(hub, prepare):
    names = [*NER, "B-DATE", "I-DATE"]
    columns = {"tokens": [list("abc")] * 5, "tags": [[1, 7, 8]] * 5}
    hub.add("o/n", "c", "test", columns, names={"tags": names})
    with pytest.raises(StudyError, match="a label that the sheet lacks"):
        prepare(tagging(NER))


def test_what_concerns_many_languages_is_one_sentence(hub, prepare):
    names = [*NER, "B-DATE"]
    codes = ("bm", "ee", "ha", "yo")
    for code in codes:
        columns = {"tokens": [list("ab")], "tags": [[1, 7]]}
        hub.add("o/n", code, "test", columns, names={"tags": names})
    test = [part("test", code, code) for code in codes]
    made = recipe("tagging", {"tokens": "tokens", "tags": "tags"}, test=test, labels=NER,
                  merged_labels={"B-DATE": "O"})  # fmt: skip
    receipt, _ = prepare(made)
    assert receipt["problems"] == [
        "toy test: 4 words have a tag that counts as another one (merged_labels of the sheet): "
        "bm 1, ee 1, ha 1, yo 1."
    ]
