"""The table as papers print it: targets in XTREME's order, F1 / exact match where there are two."""

import numpy as np
import pandas as pd

from xstilts.evaluation.metrics import metric_of
from xstilts.report import learned, ties
from xstilts.report.formats import EMPTY, number

AVERAGE = "average"

BOLD_RULE = (
    "Bold: the best of a column, and every row whose difference from it may be zero by the same "
    "95 % interval; none where the target was not learned (†), and no row that rests on a run "
    "that did not learn."
)


def metric_names(scores: pd.DataFrame, targets: list[str]) -> dict[str, str]:
    """Target -> its metrics as papers name them."""
    primary = scores[scores["primary"].astype(bool)].groupby("target")["metric"].first()
    return {name: _heading(primary[name]) for name in targets if name in primary}


def _heading(metric: str) -> str:
    """Its name, and that of the metric that is printed behind it."""
    printed = filter(None, [metric, metric_of(metric).exact_partner])
    return " / ".join(metric_of(name).paper_name for name in printed)


def _printed_behind(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores in the metrics that papers print behind the primary ones."""
    primary = scores[scores["primary"].astype(bool)].groupby("target")["metric"].first()
    partners = {target: metric_of(metric).exact_partner for target, metric in primary.items()}
    return scores[scores["metric"] == scores["target"].map(partners)]


def paper_table(
    scores: pd.DataFrame, xtreme: pd.DataFrame, intermediates: list[str], targets: list[str]
) -> pd.DataFrame:
    """Intermediate x target as text, and the average on XTREME's terms over the study's targets.

    `scores` as from `score_cells`; `xtreme` with intermediate, seed, name, value as from
    `summarise_scores`, where a question-answering target counts as the mean of F1 and exact match.
    The average is a dash where a target is missing.
    """
    primary = mean_scores(scores[scores["primary"].astype(bool)])
    exact = mean_scores(_printed_behind(scores))
    table = pd.DataFrame(EMPTY, index=intermediates, columns=[*targets, AVERAGE])
    for name in intermediates:
        for target in targets:
            value, other = primary.get((name, target)), exact.get((name, target))
            if value is not None:
                pair = "" if other is None else f" / {number(other)}"
                table.loc[name, target] = number(value) + pair
        table.loc[name, AVERAGE] = number(averages(xtreme, targets).get(name, np.nan))
    table.index.name = "intermediate"
    return table


def mean_scores(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    """(intermediate, target) -> mean over seeds, then over languages."""
    by_language = rows.groupby(["intermediate", "target", "language"])["value"].mean()
    return by_language.groupby(["intermediate", "target"]).mean().to_dict()


def averages(xtreme: pd.DataFrame, targets: list[str]) -> dict[str, float]:
    """Intermediate -> mean of XTREME's target scores, where it has all targets."""
    rows = xtreme[xtreme["name"].isin(targets)]
    means = rows.groupby(["intermediate", "name"])["value"].mean().unstack("name")
    return means.reindex(columns=targets).mean(axis=1, skipna=False).dropna().to_dict()


def best_rows(
    scores: pd.DataFrame, dyads: pd.DataFrame, errors: pd.DataFrame, gains: pd.DataFrame
) -> dict[str, set[str]]:
    """Target -> the intermediates in bold: the best, and all that cannot be told from it.

    `dyads` are marked as by `learned.marked`; what rests on a run that did not learn is not bold.
    """
    values = mean_scores(scores[scores["primary"].astype(bool)])
    doubted = dyads[dyads["unlearned"] != ""]
    not_learned = set(zip(doubted["intermediate"], doubted["target"], strict=True))
    bold: dict[str, set[str]] = {}
    for target in {target for _, target in values}:
        if learned.baseline_failed(dyads, target):
            bold[target] = set()
            continue
        column = {
            name: value
            for (name, its), value in values.items()
            if its == target and (name, target) not in not_learned
        }
        best = max(column, key=lambda name: column[name])
        tied = ties.tied_with(best, target, dyads, errors, gains)
        bold[target] = {best, *(set(tied) & set(column))}
    return bold


def published_table(published: pd.DataFrame, targets: list[str]) -> pd.DataFrame:
    """System x target as text, from rows of system, target, metric, value.

    Without systems that published none of the study's targets.
    """
    published = published[published["target"].isin(targets)]
    systems = list(dict.fromkeys(published["system"]))
    table = pd.DataFrame(EMPTY, index=systems, columns=[*targets, AVERAGE])
    for (system, target), rows in published.groupby(["system", "target"]):
        value = rows.set_index("metric")["value"]
        table.loc[system, target] = " / ".join(
            number(value[name]) for name in ("accuracy", "f1", "exact_match") if name in value
        )
    return table
