"""The section on texts that training sets and test sets share."""

import dataclasses

import pandas as pd

from xstilts.report.page import render
from xstilts.report.sections.contamination import context

COLUMNS = [
    "training_set", "target", "training_examples", "dropped", "left_exact", "left_normalised",
    "languages", "named",
]  # fmt: skip


def rows(*more):
    table = [["mnli", "xnli", 400, 0, 0, 0, None, False], *more]
    return pd.DataFrame(table, columns=COLUMNS)


def test_what_was_left_out_and_what_is_still_in_it(inputs):
    languages = "en 3, et 2, fi 1, ja 1, ko 1"
    table = rows(
        ["squad_v2", "xquad", 280, 20, 0, 0, None, True],
        ["pos", "tatoeba", 300, 0, 1, 4, languages, False],
    )
    found = context(dataclasses.replace(inputs, contamination=table))
    assert found["compared"] == [3, 3] and (found["dropped"], found["kept"]) == (20, 4)
    assert found["unnamed"] == ["POS with Tatoeba (4)"]
    texts = [[cell.text for cell in row] for row in found["shared"].rows]
    assert texts == [
        ["SQuAD 2.0", "XQuAD", "280", "20", "0", "0", ""],
        ["POS", "Tatoeba", "300", "0", "4", "1", "en 3, et 2, fi 1, ja 1 and 1 more"],
    ]


def test_a_page_says_what_was_left_out(inputs):
    table = rows(["squad_v2", "xquad", 280, 20, 0, 0, None, True])
    page = render(dataclasses.replace(inputs, contamination=table))
    assert "20 training examples were left out" in page
    page = render(dataclasses.replace(inputs, contamination=rows()))
    assert "They share no text." in page
    assert "Nothing was compared." in render(inputs)


def test_the_demo_is_no_contamination(inputs):
    table = rows(["pos", "tatoeba", 300, 0, 1, 4, "en 4", False])
    real = dataclasses.replace(inputs, contamination=table, data="folder")
    assert "no sheet names the test set" in render(real)
    page = render(dataclasses.replace(real, data="demo"))
    assert "no sheet names the test set" not in page and "all of one grammar" in page
