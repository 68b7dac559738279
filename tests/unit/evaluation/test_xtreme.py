"""XTREME's averages as a table."""

import pytest

from xstilts.evaluation.scores import SCORES
from xstilts.evaluation.scores import table as arrow_table
from xstilts.evaluation.xtreme import xtreme_table


def test_question_answering_counts_as_the_mean_of_f1_and_exact_match():
    rows = [
        ("none", "xnli", "en", 1, "accuracy", 80.0, 9, True),
        ("none", "xnli", "sw", 1, "accuracy", 60.0, 9, True),
        ("none", "pawsx", "en", 1, "accuracy", 90.0, 9, True),
        ("none", "xquad", "en", 1, "answer_f1", 70.0, 9, True),
        ("none", "xquad", "en", 1, "answer_exact", 50.0, 9, False),
    ]
    found = {
        row["name"]: row["value"] for row in xtreme_table(arrow_table(rows, SCORES)).to_pylist()
    }
    # (80 + 60) / 2; (70 + 50) / 2; the group of sentence pairs is whole, no other is.
    expected = {"xnli": 70.0, "pawsx": 90.0, "xquad": 60.0, "sentence pairs": 80.0}
    assert found == pytest.approx(expected)


def test_only_what_has_all_languages_of_xtreme_is_complete():
    pawsx = ["de", "en", "es", "fr", "ja", "ko", "zh"]
    rows = [("none", "pawsx", one, 1, "accuracy", 90.0, 9, True) for one in pawsx]
    rows += [("mnli", "pawsx", one, 1, "accuracy", 90.0, 9, True) for one in pawsx[1:]]
    xnli = ["ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi"]
    xnli.append("zh")
    rows += [("none", "xnli", one, 1, "accuracy", 80.0, 9, True) for one in xnli]
    rows += [("mnli", "xnli", one, 1, "accuracy", 80.0, 9, True) for one in xnli]
    found = {
        (row["intermediate"], row["name"]): (row["languages"], row["complete"])
        for row in xtreme_table(arrow_table(rows, SCORES)).to_pylist()
    }
    assert found == {
        ("none", "pawsx"): (7, True), ("mnli", "pawsx"): (6, False),
        ("none", "xnli"): (15, True), ("mnli", "xnli"): (15, True),
        ("none", "sentence pairs"): (22, True), ("mnli", "sentence pairs"): (21, False),
    }  # fmt: skip
