"""The numbers of the report's tables, as data frames and as TSV files."""

from pathlib import Path

import pandas as pd

from xstilts.core import tsv
from xstilts.report.names import ordered_languages


def language_table(scores: pd.DataFrame, target: str, intermediates: list[str]) -> pd.DataFrame:
    """Intermediate x language (English first): primary metric of one target, mean over seeds."""
    rows = scores[scores["primary"].astype(bool) & (scores["target"] == target)]
    table = rows.groupby(["intermediate", "language"])["value"].mean().unstack("language")
    present = [name for name in intermediates if name in table.index]
    return table.reindex(index=present, columns=ordered_languages(table.columns)).astype(float)


def test_items(scores: pd.DataFrame) -> pd.DataFrame:
    """Target, language, n: the examples of each test set."""
    rows = scores[scores["primary"].astype(bool)]
    return rows.groupby(["target", "language"])["n"].max().reset_index()


def gain_table(dyads: pd.DataFrame, intermediates: list[str], targets: list[str]) -> pd.DataFrame:
    """The dyads in the order of the page's rows and columns."""
    keys = pd.MultiIndex.from_product([intermediates, targets], names=["intermediate", "target"])
    table = dyads.set_index(["intermediate", "target"])
    return table.loc[[key for key in keys if key in table.index]].reset_index()


def by_target(table: pd.DataFrame, targets: list[str]) -> pd.DataFrame:
    """The table's rows target by target, in the order of the page; in each as they were."""
    rank = {name: position for position, name in enumerate(targets)}
    order = table["target"].map(rank).sort_values(kind="stable").index
    return table.loc[order].reset_index(drop=True)


def learning_table(learning: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """The learning table, intermediate tasks before targets, each in the order of the page."""
    rank = {name: position for position, name in enumerate(order)}
    sorted_rows = learning.assign(
        _role=learning["role"].map(lambda role: role != "intermediate"),
        _task=learning["task"].map(lambda task: rank.get(task, len(rank))),
    ).sort_values(["_role", "_task"], kind="stable")
    return sorted_rows.drop(columns=["_role", "_task"]).reset_index(drop=True)


def not_learned(learning: pd.DataFrame) -> list[str]:
    """Tasks whose model did not learn, by name; a missing answer is not a failure."""
    failed = learning["learned"].map(lambda value: pd.notna(value) and not value).astype(bool)
    return list(dict.fromkeys(learning.loc[failed, "task"]))


def write_tsv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with four decimals and `NA` for what is missing; a named index is a column."""
    named = table.index.name is not None
    rows = table.reset_index() if named else table
    tsv.write_tsv(path, *tsv.rows_of(rows), numbers=".4f", missing="NA")
