"""best.tsv names the rows that are tied, by the page's rule."""

import pandas as pd

from helpers.simulated_study import make_inputs
from xstilts.report.advice import advice
from xstilts.report.tied_best import with_ties


def test_the_table_and_the_page_name_the_same_rows():
    inputs = make_inputs()
    table = with_ties(inputs.best, inputs.gains, inputs.errors).set_index("target")
    named = {one.target: one for one in advice(inputs)}
    assert {target: ",".join(one.tied) for target, one in named.items()} == table["tied"].to_dict()
    # Halves that chose two rows have no single gain; of the others some are tied and some not.
    assert table.loc["tatoeba", "taken"] == "mnli / qqp" and table.loc["tatoeba", "tied"] == ""
    assert table["tied"].nunique() > 3


def test_none_is_tied_where_a_row_cannot_be_told_from_it():
    columns = ["intermediate", "target", "language", "seed", "gain", "low", "high", "same_data"]
    gains = pd.DataFrame(
        [("mnli", "xnli", "sw", 1, 1.0, -0.5, 2.5, False),
         ("qqp", "xnli", "sw", 1, -6.0, -7.0, -5.0, False),
         ("mnli", "pos", "sw", 1, 9.0, 8.0, 10.0, False)],
        columns=columns,
    )  # fmt: skip
    best = pd.DataFrame({"target": ["xnli", "pos"], "taken": ["mnli", "mnli"]})
    errors = pd.DataFrame(columns=["target", "first", "second", "error"])
    assert with_ties(best, gains, errors)["tied"].tolist() == ["none", ""]
    none = best.assign(taken="none")
    assert with_ties(none, gains, errors)["tied"].tolist() == ["mnli", ""]
