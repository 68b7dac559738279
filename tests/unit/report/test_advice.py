"""What to take for each target: none where none wins, never on what did not learn."""

import dataclasses

import pandas as pd
import pytest

from helpers.page_reader import Page
from helpers.simulated_study import make_inputs, simulate, with_summaries
from xstilts.report import formats, learned
from xstilts.report.advice import advice
from xstilts.report.names import written
from xstilts.report.page import render
from xstilts.report.sections.answer import summary_sentences


@pytest.fixture(scope="module")
def rows(inputs):
    return {row.target: row for row in advice(inputs)}


def test_none_is_taken_where_it_wins_and_the_next_row_stands_beside(inputs, rows):
    own = rows["ner"]
    assert (own.taken, own.rival) == ("none", "mnli")
    dyad = inputs.dyads.set_index(["intermediate", "target"]).loc[("mnli", "ner")]
    assert (own.gain, own.low, own.high) == (dyad["gain"], dyad["low"], dyad["high"])
    assert "mnli" not in own.tied  # its interval excludes zero


def test_what_is_taken_has_the_gain_of_the_map(inputs, rows):
    dyads = inputs.dyads.set_index(["intermediate", "target"])
    for target in ("xnli", "pos", "bucc"):
        dyad = dyads.loc[("mnli", target)]
        assert rows[target].taken == "mnli"
        assert rows[target].gain == dyad["gain"] and rows[target].low == dyad["low"]
        assert rows[target].seeds == 2 and rows[target].seeds_better == dyad["seeds_better"]


def test_a_choice_by_halves_has_a_gain_of_its_own_with_the_seeds_part(inputs, rows):
    own = rows["tatoeba"]
    choice = inputs.best.set_index("target").loc["tatoeba"]
    assert own.taken == "mnli / qqp" and own.gain == choice["taken_gain"]
    assert own.high - own.low > choice["taken_high"] - choice["taken_low"]


def test_a_target_whose_baseline_did_not_learn_gets_no_advice(inputs):
    learning = inputs.learning.assign(
        learned=inputs.learning["learned"].mask(inputs.learning["task"] == "pawsx", False)
    )
    changed = dataclasses.replace(inputs, learning=learning)
    own = {row.target: row for row in advice(changed)}["pawsx"]
    assert own.taken == "" and own.why_not == learned.BASELINE
    page = Page(render(changed))
    row = next(row for row in page.table("What to take") if row[0] == "PAWS-X")
    assert row[1].startswith("cannot tell: its baseline did not learn")
    gains = [row[2] for row in page.table("Gains in points")[1:] if row[1] == "PAWS-X"]
    assert gains and all(text.endswith("†") for text in gains)
    kinds = page.kinds[next(name for name in page.kinds if name.startswith("Scores of all"))]
    assert all(kind[2] != "best" for kind in kinds)


def test_a_run_that_did_not_learn_marks_its_dyad(inputs):
    failed = pd.DataFrame([("qqp-xnli-2", False)], columns=["run", "learned"])
    dyads = dataclasses.replace(inputs, run_learning=failed).dyads
    marks = dyads.set_index(["intermediate", "target"])["unlearned"]
    assert marks[("qqp", "xnli")] == learned.CELL and marks[("qqp", "pos")] == ""
    failed = pd.DataFrame([("none-xnli-1", False)], columns=["run", "learned"])
    dyads = dataclasses.replace(inputs, run_learning=failed).dyads
    assert (dyads.loc[dyads["target"] == "xnli", "unlearned"].str.contains(learned.BASELINE)).all()


def test_no_extreme_rests_on_a_run_that_did_not_learn(inputs):
    best = inputs.dyads.loc[inputs.dyads["gain"].idxmax()]
    # The largest gain of all, over a baseline at chance.
    learning = inputs.learning.assign(
        learned=inputs.learning["learned"].mask(inputs.learning["task"] == best["target"], False)
    )
    changed = dataclasses.replace(inputs, learning=learning)
    assert len(changed.learned_dyads) < len(inputs.learned_dyads)
    (extremes,) = [line for line in summary_sentences(changed.learned_dyads) if "extremes" in line]
    assert written(best["target"]) not in extremes and "HellaSwag" not in extremes
    assert f"{formats.number(best['gain'], signed=True)} " not in extremes
    said = Page(render(changed)).text
    assert "pairs rest on a run that did not learn its task" in said


def test_with_one_seed_nothing_is_sure(inputs):
    page = Page(render(make_inputs(**with_summaries(simulate(seeds=(1,))))))
    assert {row[5] for row in page.table("What to take")[1:]} == {"one seed", "–"}
    assert "intervals over test items alone (one seed)" in page.text
    assert "whether another training run would choose the same is not known" in page.text


def test_without_a_choice_the_best_on_test_is_named_as_such(inputs):
    page = Page(render(dataclasses.replace(inputs, best=None, rivals=None)))
    rows = {row[0]: row for row in page.table("What to take")[1:]}
    own = inputs.learned_dyads[inputs.learned_dyads["target"] == "xnli"]
    assert rows["XNLI"][1] == written(own.loc[own["gain"].idxmax(), "intermediate"])
    assert "which is partly luck" in page.text
