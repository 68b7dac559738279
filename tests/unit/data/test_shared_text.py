"""Texts that training sets share with test sets, against plain comparisons of the same texts."""

import pytest

from helpers.toy_data import part, recipe
from xstilts.core.errors import StudyError
from xstilts.data.shared_text import LONG, KnownTexts, fingerprints, normalised
from xstilts.data.store import open_split
from xstilts.preparation.prepare import prepare_task

PAIR = {"first": "a", "second": "b", "label": "label"}
TAGS = {"tokens": "words", "tags": "tags"}
LONGER = "the committee met on Tuesday in Geneva"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Here you go .", "Here you go."),
        ("It's two~thirty", "its two thirty"),
        ("Ｆｕｌｌ width ﬁ", "full width fi"),
        ("STRASSE", "straße"),
        ("नमस्ते दुनिया", "नमस्ते, दुनिया!"),
        ("中国 人民", "中国人民"),
    ],
)
def test_copies_of_a_sentence_are_the_same(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("न मस्ते", "नमसते"), ("resume", "résumé"), ("1990", "1991"), ("...", "?"), ("", "?")],
)
def test_other_sentences_are_not(one, other):
    assert normalised(one) != normalised(other)


def test_an_example_is_compared_by_its_whole_and_by_its_long_texts():
    short, long = "a b c", LONGER
    assert len(normalised(short)) < LONG <= len(normalised(long))
    whole = fingerprints([short, long])["normalised"]
    assert len(whole) == 2  # the pair, and the long one of its texts
    assert whole[1:] == fingerprints([long])["normalised"]
    assert len(fingerprints([short])["normalised"]) == 1  # all there is
    assert fingerprints([short, long])["normalised"] != fingerprints([long, short])["normalised"]


def test_counts_say_how_texts_are_the_same():
    known = KnownTexts()
    known.add("exam", [["Here you go ."], ["x y", LONGER]])
    known.add("other", [["here YOU go"]])
    assert not known.takes(["Here you go ."])
    assert not known.takes(["here you go"])
    assert not known.takes([LONGER.upper(), "something else"])
    assert known.takes(["x y"]) and known.takes(["Here we go."])
    assert known.receipt() == {
        "examples": 5, "dropped": 3,
        "shared_with": {"exam": {"exact": 1, "normalised": 2}, "other": {"normalised": 2}},
    }  # fmt: skip
    assert list(known.sentences("toy")) == [
        "toy train: 3 of 5 examples left out, whose text the test set of exam has too (1 of them "
        "to the letter).",
        "toy train: 2 of 5 examples left out, whose text the test set of other has too (0 of them "
        "to the letter).",
    ]


def apart(kind, columns, *parts):
    return {"exam": {"kind": kind, "columns": columns, "parts": list(parts)}}


@pytest.fixture
def prepare(hub, tokenizer_file, tmp_path):
    hub.add("o/n", "c", "train", {
        "a": ["one", LONGER, "three", "Four?"], "b": ["u", "v", "w", "x"], "label": [0, 1, 0, 1],
    })  # fmt: skip

    def run(**more):
        made = recipe("pair_classification", PAIR, train=[part()], labels=["no", "yes"], **more)
        receipt = prepare_task(made, tokenizer_file, tmp_path / "out", hub.root)
        table = open_split(tmp_path / "out" / "train.arrow").table
        return receipt, table["example_id"].to_pylist()

    return run


def test_examples_in_a_test_set_of_another_kind_are_left_out(hub, prepare):
    words = [LONGER.split(), ["three"], ["Four"]]
    hub.add("o/t", "en", "test", {"words": words, "tags": [[-1] * len(one) for one in words]})
    test = part("test", "en", "en", "o/t")
    receipt, kept = prepare(apart_from=apart("tagging", TAGS, test))
    assert kept == ["train-0", "train-2", "train-3"]  # short texts of a pair count as pairs alone
    assert receipt["rows"]["train"] == {"en": 3}
    shared = {"exam": {"exact": 1}}
    assert receipt["shared_texts"] == {"examples": 4, "dropped": 1, "shared_with": shared}
    assert receipt["problems"] == [
        "toy train: 1 of 4 examples left out, whose text the test set of exam has too (1 of them "
        "to the letter)."
    ]


def test_both_sides_of_retrieval_are_texts(hub, prepare):
    hub.add("o/t", "de", "test", {"one": ["Der Ausschuss"], "two": [LONGER + "."]})
    test = part("test", "de", "de", "o/t")
    columns = {"source": "one", "target": "two"}
    receipt, kept = prepare(apart_from=apart("retrieval", columns, test))
    assert len(kept) == 3
    assert receipt["shared_texts"]["shared_with"] == {"exam": {"normalised": 1}}


def test_without_test_sets_nothing_is_left_out(prepare):
    receipt, kept = prepare()
    assert len(kept) == 4 and "shared_texts" not in receipt


def test_a_test_set_that_is_not_there(prepare):
    test = part("test", "en", "nowhere", "o/t")
    with pytest.raises(StudyError, match="No data for o/t nowhere test"):
        prepare(apart_from=apart("tagging", TAGS, test))


def test_a_training_set_that_is_all_in_a_test_set(hub, prepare):
    rows = {"a": ["one", LONGER, "three", "four"], "b": ["u", "v", "w", "x"], "label": [0] * 4}
    hub.add("o/t", "en", "test", rows)
    test = part("test", "en", "en", "o/t")
    with pytest.raises(
        StudyError, match=r"toy: not one usable example for train\. +toy train: 4 of"
    ):
        prepare(apart_from=apart("pair_classification", PAIR, test))
