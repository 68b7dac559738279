"""Tables against means worked out by hand; order and TSV."""

import math

import pandas as pd
import pytest

from xstilts.report import tables
from xstilts.report.names import ordered_intermediates, ordered_languages, ordered_targets, written

SCORES = pd.DataFrame(
    [
        ("none", "xnli", "en", 1, "accuracy", 80.0, 9, True),
        ("none", "xnli", "en", 2, "accuracy", 82.0, 9, True),
        ("none", "xnli", "sw", 1, "accuracy", 60.0, 9, True),
        ("none", "xquad", "en", 1, "answer_f1", 70.0, 9, True),
        ("none", "xquad", "en", 1, "answer_exact", 50.0, 9, False),
        ("none", "pos", "en", 1, "tag_f1", 90.0, 9, True),
        ("none", "pos", "en", 1, "tag_accuracy", 10.0, 9, False),
        ("mnli", "xnli", "en", 1, "accuracy", 85.0, 9, True),
    ],
    columns=["intermediate", "target", "language", "seed", "metric", "value", "n", "primary"],
)


def test_score_is_the_mean_over_seeds_then_languages():
    table = tables.score_table(SCORES, ["none", "mnli"], ["xnli", "pos", "xquad"])
    assert table.loc["none", ["xnli", "pos", "xquad"]].tolist() == [70.5, 90.0, 70.0]


def test_average_is_xtremes_and_empty_where_a_target_is_missing():
    table = tables.score_table(SCORES, ["none", "mnli"], ["xnli", "pos", "xquad"])
    assert table.loc["none", "average"] == pytest.approx((70.5 + 90.0 + 60.0) / 3)
    assert math.isnan(table.loc["mnli", "average"])


def test_language_table_has_english_first():
    table = tables.language_table(SCORES, "xnli", ["none", "mnli"])
    assert list(table.columns) == ["en", "sw"]
    assert table.loc["none"].tolist() == [81.0, 60.0]


def test_empty_scores_give_empty_tables():
    empty = SCORES.iloc[:0].astype(object)
    assert tables.score_table(empty, ["none"], ["xnli"]).isna().all(axis=None)
    assert tables.language_table(empty, "xnli", ["none"]).empty


def test_orders():
    names = ["multitask", "mnli+mlm", "qqp", "none", "mnli"]
    assert ordered_intermediates(names) == ["none", "qqp", "mnli", "multitask", "mnli+mlm"]
    targets = ["mine", "tatoeba", "pos", "xnli", "bucc", "mlqa"]
    assert ordered_targets(targets) == ["xnli", "pos", "mlqa", "bucc", "tatoeba", "mine"]
    assert ordered_languages(["zh", "en", "ar"]) == ["en", "ar", "zh"]
    assert written("squad_v2+mlm") == "SQuAD 2.0 + MLM" and written("mine") == "mine"


def test_not_learned_ignores_what_was_not_measured():
    learned = [True, False, None, math.nan]
    learning = pd.DataFrame({"task": ["a", "b", "c", "d"], "learned": learned})
    assert tables.not_learned(learning) == ["b"]


def test_tsv(tmp_path):
    table = tables.score_table(SCORES, ["none", "mnli"], ["xnli", "pos"])
    table.index.name = "intermediate"
    tables.write_tsv(table, tmp_path / "new" / "scores.tsv")
    assert (tmp_path / "new" / "scores.tsv").read_text() == (
        "intermediate\txnli\tpos\taverage\nnone\t70.5000\t90.0000\t80.2500\nmnli\t85.0000\tNA\tNA\n"
    )
