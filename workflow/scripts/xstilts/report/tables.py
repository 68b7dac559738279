"""The numbers of the report's tables, as data frames and as TSV files."""

from pathlib import Path

import pandas as pd

from xstilts.report.names import ordered_languages

AVERAGE = "average"


def score_table(scores: pd.DataFrame, intermediates: list[str], targets: list[str]) -> pd.DataFrame:
    """Intermediate x target: primary metric, mean over seeds, then over languages with English.

    The last column, `average`, is the XTREME average over the targets given: a question answering
    task counts as the mean of F1 and exact match, any other as its one metric (Hu et al. 2020,
    XTREME's evaluate.py). It is empty in a row that lacks a target, because averages over
    different targets do not compare.
    """
    primary = scores[scores["primary"].astype(bool)]
    shown = _by_dyad(primary).reindex(index=intermediates, columns=targets)
    exact = primary.assign(metric=primary["metric"].str.replace(r"_f1$", "_exact", regex=True))
    keys = ["intermediate", "target", "language", "seed", "metric"]
    partners = scores.merge(exact[keys].drop_duplicates(), on=keys)
    # For a metric without an exact-match partner both frames are the same row, so nothing changes.
    partners = _by_dyad(partners).reindex_like(shown).fillna(shown)
    shown[AVERAGE] = ((shown + partners) / 2).mean(axis=1, skipna=False) if targets else None
    return shown.astype(float)


def _by_dyad(scores: pd.DataFrame) -> pd.DataFrame:
    by_language = scores.groupby(["intermediate", "target", "language"])["value"].mean()
    return by_language.groupby(["intermediate", "target"]).mean().unstack("target")


def language_table(scores: pd.DataFrame, target: str, intermediates: list[str]) -> pd.DataFrame:
    """Intermediate x language (English first): primary metric of one target, mean over seeds."""
    rows = scores[scores["primary"].astype(bool) & (scores["target"] == target)]
    table = rows.groupby(["intermediate", "language"])["value"].mean().unstack("language")
    present = [name for name in intermediates if name in table.index]
    return table.reindex(index=present, columns=ordered_languages(table.columns)).astype(float)


def gain_table(dyads: pd.DataFrame, intermediates: list[str], targets: list[str]) -> pd.DataFrame:
    """The dyads in the order of the page's rows and columns."""
    keys = pd.MultiIndex.from_product([intermediates, targets], names=["intermediate", "target"])
    table = dyads.set_index(["intermediate", "target"])
    return table.loc[[key for key in keys if key in table.index]].reset_index()


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
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, sep="\t", index=named, na_rep="NA", float_format="%.4f", lineterminator="\n")
