"""The error of a difference of two rows, against formulas and other draws."""

import math

import numpy as np
import pytest

from helpers import cells
from xstilts.evaluation.item_errors import item_errors

LANGUAGES = ("en", "sw", "zh")


def cell(folder, name, right, seed=1, languages=LANGUAGES):
    """A cell whose sentences, the same items in each language, are right as `right` says."""
    rows = [
        (language, f"i{i}", "a" if good else "b", "a")
        for language in languages
        for i, good in enumerate(right)
    ]
    return cells.cell(folder, name, "xnli", ["accuracy"], rows, seed)


def errors(made, resamples=4000):
    rows = item_errors(made, resamples, 1).to_pylist()
    return {(row["first"], row["second"]): row["error"] for row in rows}


def test_it_is_that_of_a_paired_difference_of_proportions(tmp_path):
    random = np.random.default_rng(2)
    one, other = random.random(300) < 0.5, random.random(300) < 0.7
    found = errors([cell(tmp_path, "none", one), cell(tmp_path, "mnli", other)])
    # Languages that answer alike add nothing: the error is that of 300 items, not of 900.
    exact = 100 * np.std(other.astype(float) - one) / math.sqrt(300)
    assert found == {("none", "mnli"): pytest.approx(exact, rel=0.05)}


def test_rows_that_answer_alike_have_no_error_and_seeds_share_items(tmp_path):
    right = np.arange(100) < 60
    made = [cell(tmp_path, name, right, seed) for name in ("none", "qqp") for seed in (1, 2)]
    assert errors(made) == {("none", "qqp"): 0.0}


def test_every_two_rows_have_one(tmp_path):
    random = np.random.default_rng(3)
    made = [cell(tmp_path, name, random.random(50) < 0.5) for name in ("none", "mnli", "qqp")]
    assert set(errors(made, 50)) == {("none", "mnli"), ("none", "qqp"), ("mnli", "qqp")}


def test_a_question_counts_by_its_f1_alone(tmp_path):
    def answered(name, text):
        rows = [("en", f"i{i}", text, cells.answers(["two words"])) for i in range(40)]
        rows += [("en", f"j{i}", "two words", cells.answers(["two words"])) for i in range(40)]
        return cells.cell(tmp_path, name, "xquad", ["answer_f1", "answer_exact"], rows)

    found = errors([answered("none", "other"), answered("mnli", "two")])
    # The differences are 2/3 (F1 of one of two words) and 0; with exact match they would halve.
    exact = 100 * (2 / 3) / 2 / math.sqrt(80)
    assert found["none", "mnli"] == pytest.approx(exact, rel=0.06)


def test_cells_without_a_common_language_have_none(tmp_path):
    right = np.arange(10) < 5
    made = [cell(tmp_path, "none", right, languages=("en",)),
            cell(tmp_path, "mnli", right, languages=("sw",))]  # fmt: skip
    assert errors(made) == {}
