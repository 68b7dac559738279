"""Tables against means worked out by hand; order and TSV."""

import dataclasses
import json
import math

import pandas as pd
import pytest

from helpers.simulated_study import make_inputs
from xstilts.report import dyad_gains, exports, figures, frames, learned, scores_table
from xstilts.report.names import ordered_intermediates, ordered_languages, titled, written

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


XTREME = pd.DataFrame(
    [("none", 1, "xnli", 70.0), ("none", 2, "xnli", 72.0), ("none", 1, "pos", 90.0),
     ("none", 1, "xquad", 60.0), ("mnli", 1, "xnli", 85.0)],
    columns=["intermediate", "seed", "name", "value"],
)  # fmt: skip


def test_score_is_the_mean_over_seeds_then_languages_with_exact_match_beside_f1():
    targets = ["xnli", "pos", "xquad"]
    table = scores_table.paper_table(SCORES, XTREME, ["none", "mnli"], targets)
    assert table.loc["none", targets].tolist() == ["70.5", "90.0", "70.0 / 50.0"]
    assert table.loc["mnli"].tolist() == ["85.0", "–", "–", "–"]


def test_average_is_xtremes_and_empty_where_a_target_is_missing():
    averages = scores_table.averages(XTREME, ["xnli", "pos", "xquad"])
    assert averages == {"none": pytest.approx((71.0 + 90.0 + 60.0) / 3)}


ROWS = (("none", 50.0), ("mnli", 60.0), ("qqp", 58.5), ("ccg", 57.0))


def bold(errors: list[tuple], **unlearned: str) -> set[str]:
    """The bold rows of a study of one seed, from `ROWS` and errors of differences."""
    scores = pd.DataFrame(
        [(name, "xnli", "en", 1, "accuracy", value, 9, True) for name, value in ROWS],
        columns=SCORES.columns,
    )
    gains = pd.DataFrame(
        [(name, "xnli", "en", 1, value - 50, value - 52, value - 48, False)
         for name, value in ROWS[1:]],
        columns=["intermediate", "target", "language", "seed", "gain", "low", "high", "same_data"],
    )  # fmt: skip
    known = pd.DataFrame([("xnli", *row) for row in errors],
                         columns=["target", "first", "second", "error"])  # fmt: skip
    dyads = dyad_gains.summarise(gains, known)
    marks = [unlearned.get(name, "") for name in dyads["intermediate"]]
    return scores_table.best_rows(scores, dyads.assign(unlearned=marks), known, gains)["xnli"]


def test_bold_is_the_best_and_all_whose_difference_from_it_may_be_zero():
    errors = [("none", "mnli", 1.0), ("mnli", "qqp", 0.8), ("mnli", "ccg", 1.5)]
    # The interval of 1.5 is 1.5 ± 1.57; that of 3.0 is 3.0 ± 2.94.
    assert bold(errors) == {"mnli", "qqp"}
    # Without errors of differences both gains' errors add up: 3.0 ± 4.
    assert bold([]) == {"mnli", "qqp", "ccg"}


def test_nothing_that_did_not_learn_is_bold():
    assert bold([], mnli=learned.INTERMEDIATE) == {"qqp", "ccg"}
    failed = dict.fromkeys(("mnli", "qqp", "ccg"), learned.BASELINE)
    assert bold([], **failed) == set()


def test_published_systems_in_the_same_columns():
    published = pd.DataFrame(
        [
            ("A", "xquad", "exact_match", 60.8),
            ("A", "xquad", "f1", 76.6),
            ("A", "ner", "f1", 1.0),
            ("B", "ner", "f1", 2.0),
        ],
        columns=["system", "target", "metric", "value"],
    )
    table = scores_table.published_table(published, ["xnli", "xquad"])
    assert table.loc["A"].tolist() == ["–", "76.6 / 60.8", "–"]
    # A system with none of the study's targets is no row of dashes.
    assert table.index.tolist() == ["A"]


def test_language_table_has_english_first():
    table = frames.language_table(SCORES, "xnli", ["none", "mnli"])
    assert list(table.columns) == ["en", "sw"]
    assert table.loc["none"].tolist() == [81.0, 60.0]


def test_empty_scores_give_empty_tables():
    empty = SCORES.iloc[:0].astype(object)
    table = scores_table.paper_table(empty, XTREME, ["none"], ["xnli"])
    assert table.loc["none", "xnli"] == "–"
    assert frames.language_table(empty, "xnli", ["none"]).empty


def test_orders():
    names = ["multitask", "mnli+mlm", "qqp", "none", "mnli"]
    assert ordered_intermediates(names) == ["none", "qqp", "mnli", "multitask", "mnli+mlm"]
    assert ordered_languages(["zh", "en", "ar"]) == ["en", "ar", "zh"]


def test_targets_stand_in_the_order_of_the_config():
    targets = ["mine", "tatoeba", "pos", "xnli"]
    assert make_inputs(targets=[*targets, "pos"]).targets == targets


def test_tasks_are_written_by_the_titles_of_their_sheets():
    with titled({"squad_v2": "SQuAD 2.0", "mine": "My own task"}):
        assert written("squad_v2+mlm") == "SQuAD 2.0 + MLM"
        assert written("mine+translated") == "My own task + translated"
        assert written("none") == "none (baseline)" and written("other") == "other"
    with titled({}):
        assert written("mine") == "mine"


def test_a_new_title_is_that_of_page_and_paper(inputs):
    named = dataclasses.replace(inputs, titles={**inputs.titles, "qqp": "Same question?"})
    assert "Same question?" in [cells[0].text for cells in exports.printed("scores", named).rows]
    assert "Same question?" in json.dumps(figures.specification("gains", named))


def test_not_learned_ignores_what_was_not_measured():
    learned = [True, False, None, math.nan]
    learning = pd.DataFrame({"task": ["a", "b", "c", "d"], "learned": learned})
    assert frames.not_learned(learning) == ["b"]


def test_tsv(tmp_path):
    table = pd.DataFrame({"xnli": [70.5, 85.0], "pos": [90.0, math.nan]}, index=["none", "mnli"])
    table.index.name = "intermediate"
    frames.write_tsv(table, tmp_path / "new" / "scores.tsv")
    assert (tmp_path / "new" / "scores.tsv").read_text() == (
        "intermediate\txnli\tpos\nnone\t70.5000\t90.0000\nmnli\t85.0000\tNA\n"
    )


@pytest.mark.parametrize("name", exports.PAPER_TABLES)
def test_every_paper_table_has_numbers_and_print(full_inputs, name):
    numbers, printed = (
        exports.numbers(name, full_inputs),
        exports.printed(name, full_inputs),
    )
    assert len(numbers) and len(printed.rows)


def test_paper_tables_of_a_study_without_anything_are_empty():
    inputs = make_inputs(scores=None, gains=None, xtreme=None, claims=None)
    assert exports.numbers("gains", inputs).empty
    assert exports.printed("claims", inputs).rows == []
    assert exports.numbers("scores", inputs).isna().all(axis=None)
