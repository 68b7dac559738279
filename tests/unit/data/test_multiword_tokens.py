"""Multiword tokens in treebanks are no words: left out and counted, and their sentence stays."""

import pyarrow as pa
import pytest

from helpers.toy_data import part, recipe
from xstilts.core.errors import StudyError
from xstilts.data.store import open_split
from xstilts.preparation.prepare import prepare_task

pytestmark = pytest.mark.odd_input

TAGS = ["PRON", "VERB", "ADP", "DET", "NOUN", "PUNCT"]
OWN = ["NOUN", "PUNCT", "ADP", "_", "DET", "PRON", "VERB"]
WORDS = ["Il", "va", "au", "à", "le", "marché", "."]
NAMES = ["PRON", "VERB", "_", "ADP", "DET", "NOUN", "PUNCT"]
PLAIN = ["Elle", "dort", "."], ["PRON", "VERB", "PUNCT"]


@pytest.fixture
def prepare(hub, tokenizer_file, tmp_path):
    def run(words, tags, names=None, labels=TAGS, folder="out"):
        columns = {"tokens": [words, PLAIN[0]], "tags": [tags, PLAIN[1]]}
        if names:
            columns["tags"] = [[names.index(tag) for tag in one] for one in columns["tags"]]
            names = {"tags": names}
        hub.add("o/n", "c", "test", columns, names)
        made = recipe(
            "tagging", {"tokens": "tokens", "tags": "tags"}, test=[part("test", "fr")],
            labels=labels,
        )  # fmt: skip
        receipt = prepare_task(made, tokenizer_file, tmp_path / folder, hub.root)
        return receipt, open_split(tmp_path / folder / "test.arrow").table

    return run


@pytest.mark.parametrize("labels", [TAGS, "from_data"])
@pytest.mark.parametrize("names", [None, OWN])
@pytest.mark.parametrize("form", ["au", None, ""])
def test_the_token_is_left_out_and_the_sentence_stays(prepare, names, form, labels):
    words = [form if word == "au" else word for word in WORDS]
    receipt, table = prepare(words, NAMES, names, labels)
    (first, second) = table["labels"].to_pylist()
    assert [receipt["labels"][index] for index in first] == [tag for tag in NAMES if tag != "_"]
    assert [receipt["labels"][index] for index in second] == PLAIN[1]
    assert "_" not in receipt["labels"]
    assert receipt["dropped"] == {}
    assert receipt["problems"] == [
        "toy test fr: 1 multiword tokens (tag _) left out, their words kept."
    ]


def test_the_prepared_sentence_is_the_one_without_the_token(prepare):
    _, table = prepare(WORDS, NAMES)
    plain = [
        [one for one, tag in zip(side, NAMES, strict=True) if tag != "_"] for side in (WORDS, NAMES)
    ]
    assert prepare(*plain, folder="plain")[1].equals(table)


def test_several_in_a_sentence(prepare):
    receipt, table = prepare(["au", *WORDS, "du"], ["_", *NAMES, "_"])
    assert [len(one) for one in table["labels"].to_pylist()] == [6, 3]
    assert receipt["problems"][0].startswith("toy test fr: 3 multiword tokens")


def test_a_sentence_without_any_other_tag_is_a_fault(prepare):
    with pytest.raises(StudyError, match=r"1 of 2 rows cannot be used.*no label .*all tags are _"):
        prepare(["au", "du"], ["_", "_"])


@pytest.mark.parametrize("names", [None, OWN])
def test_a_file_of_nothing_else_is_masked(hub, prepare, names, tokenizer_file, tmp_path):
    tags = [[OWN.index("_")] * 2] * 3 if names else [["_", "_"]] * 3
    hub.add("o/n", "c", "test", {"tokens": [["a", "b"]] * 3, "tags": tags}, names and {"tags": OWN})
    made = recipe(
        "tagging", {"tokens": "tokens", "tags": "tags"}, test=[part("test", "fr")], labels=TAGS
    )
    with pytest.raises(StudyError, match="not one row has a label"):
        prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)


def test_a_class_called_so_elsewhere_is_a_missing_label(hub, tokenizer_file, tmp_path):
    columns = {"a": ["x"] * 100, "b": ["y"] * 100, "label": ["no", "yes"] * 49 + ["_", "no"]}
    hub.add("o/n", "c", "test", pa.table(columns))
    mapping = {"first": "a", "second": "b", "label": "label"}
    made = recipe("pair_classification", mapping, test=[part("test")], labels=["no", "yes"])
    receipt = prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)
    assert receipt["dropped"] == {"test": {"en": {"no label": 1}}}
