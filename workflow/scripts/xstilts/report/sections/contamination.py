"""Which texts of the training sets the test sets have too."""

from typing import Any

import pandas as pd

from xstilts.report.html_table import Cell, Table
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Context, Section
from xstilts.sources import source_of

SHOWN = 4
"""Languages in a cell, beyond which their number is enough."""


def context(inputs: ReportInputs) -> Context:
    """What was left out of training, and what is still in it."""
    compared = inputs.contamination
    if compared.empty:
        return {"compared": None}
    shared = compared[(compared["dropped"] > 0) | (compared["left_normalised"] > 0)]
    kept = shared[shared["left_normalised"] > 0]
    return {
        "compared": [compared["training_set"].nunique(), compared["target"].nunique()],
        "dropped": int(shared["dropped"].sum()),
        "kept": int(kept["left_normalised"].sum()),
        "keeps": inputs.config.get("shared_texts") == "keep",
        "is_generated": source_of(inputs.data).is_generated,
        "unnamed": [_pair(row) for row in kept[~kept["named"].astype(bool)].itertuples()],
        "shared": _table(shared) if len(shared) else None,
    }


def _pair(row: Any) -> str:
    return f"{written(row.training_set)} with {written(row.target)} ({int(row.left_normalised)})"


def _table(shared: pd.DataFrame) -> Table:
    order = shared.assign(all=shared["dropped"] + shared["left_normalised"])
    rows = [
        [
            Cell(written(row.training_set)),
            Cell(written(row.target)),
            *(Cell(str(int(value))) for value in (row.training_examples, row.dropped)),
            *(Cell(str(int(value))) for value in (row.left_normalised, row.left_exact)),
            Cell(_languages(row.languages)),
        ]
        for row in order.sort_values("all", ascending=False, kind="stable").itertuples()
    ]
    head = ["training set", "test set of", "examples trained on", "left out", "still shared",
            "to the letter", "test examples by language"]  # fmt: skip
    caption = "Training examples that have a text of a test set."
    return Table(caption, head, rows, words=(0, 1, 6))


def _languages(counted: object) -> str:
    names = [] if pd.isna(counted) else str(counted).split(", ")
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


SECTION = Section(
    name="contamination",
    title="Texts in training and test",
    order=85,
    reads=("contamination",),
    context=context,
)
