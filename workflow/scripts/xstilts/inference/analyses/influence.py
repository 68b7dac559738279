"""Does the answer hang on a single task, language or family? The headline test without each.

A small study is fitted anew each time. A large one keeps the ratios of the variances of the whole,
which one task of many hardly moves, and has its slope, errors and degrees of freedom anew: one
evaluation of the model in place of a search (one-step influence: Christensen, Pearson & Johnson
1992, Technometrics 34).
"""

from collections.abc import Collection, Iterator

import pandas as pd

from mixed_models.denominator_df import Test
from xstilts.core.errors import StudyError
from xstilts.inference.analyses.families import Families
from xstilts.inference.analyses.headline import (
    FLAG,
    SIMILARITY,
    Fitted,
    design_of,
    dyad_terms,
    enough_tasks,
    fit_dyads,
)
from xstilts.inference.dyads import dyads
from xstilts.inference.engine import fit_at

# Dyads up to which every case is fitted anew.
REFITTED = 200


def influence(
    rows: pd.DataFrame,
    similarity: pd.DataFrame,
    languages: pd.DataFrame,
    retrieval: Collection[str],
    covariates: tuple[str, ...] = (),
    sizes: pd.DataFrame | None = None,
    families: Families | None = None,
) -> list[dict[str, object]]:
    """Rows of the table `influence`: every refit standardises anew, as a study without it would.

    Args:
        rows: per language, as `seed_means` makes them.
        similarity: as `task_similarity` makes it.
        languages: the language table, for families.
        retrieval: target tasks that are not fine-tuned (BUCC, Tatoeba).
        covariates: of the headline model.
        sizes: intermediate task and the columns that `covariates` name.
        families: of the tasks.
    """

    def without(kept: pd.Series) -> pd.DataFrame:
        table, _ = dyads(rows[kept], similarity, families)
        return table if sizes is None else table.merge(sizes, on="intermediate", how="left")

    whole = without(pd.Series(True, index=rows.index))
    fitted = _fitted(whole, covariates) if len(whole) > REFITTED else None
    cases: list[dict[str, object]] = []
    for kind, name, kept in _cases(rows, languages, retrieval):
        if kept.all() or not kept.any():
            continue
        row: dict[str, object] = {"kind": kind, "left_out": name}
        test = _test(without(kept), covariates, fitted)
        if test is not None:
            row |= {"estimate": test.estimate, "low": test.low, "high": test.high, "p": test.p}
        cases.append(row)
    return cases


def _fitted(table: pd.DataFrame, covariates: tuple[str, ...]) -> Fitted | None:
    try:
        return fit_dyads(table, covariates=covariates)
    except StudyError:
        return None


def _test(table: pd.DataFrame, covariates: tuple[str, ...], whole: Fitted | None) -> Test | None:
    if enough_tasks(table) is not None:
        return None
    if whole is None:
        again = _fitted(table, covariates)
        return None if again is None else again.kenward_roger(SIMILARITY)
    try:
        return one_step(table, covariates, whole).kenward_roger(SIMILARITY)
    except StudyError:
        return None


def one_step(table: pd.DataFrame, covariates: tuple[str, ...], whole: Fitted) -> Fitted:
    """The headline model of `table` with the ratios of the variances that `whole` has.

    Raises:
        StudyError: the numbers allow no fit.
    """
    design, terms = design_of(table, [FLAG, *covariates, SIMILARITY])
    kept = whole.fit.variances
    random = [term for term in dyad_terms(table, SIMILARITY) if term.name in kept]
    fitted = fit_at(whole.fit, table["gain_scaled"].to_numpy(float), design, random)
    return Fitted(fitted, terms)


def _cases(
    rows: pd.DataFrame, languages: pd.DataFrame, retrieval: Collection[str]
) -> Iterator[tuple[str, str, pd.Series]]:
    for kind in ("intermediate", "target", "language"):
        for name in sorted(set(rows[kind])):
            yield kind, name, rows[kind] != name
    families = rows["language"].map(
        languages.drop_duplicates("language").set_index("language")["family_glottolog"]
    )
    for name in sorted(set(families.dropna())):
        yield "family", name, families != name
    if retrieval:
        yield "retrieval", " and ".join(sorted(retrieval)), ~rows["target"].isin(list(retrieval))
    yield "same_data", "dyads of the same data", ~rows["same_data"]
