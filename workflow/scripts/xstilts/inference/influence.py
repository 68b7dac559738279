"""Does the answer hang on a single task, language or family? The headline test without each."""

from collections.abc import Collection, Iterator

import pandas as pd

from xstilts.inference.dyads import dyads
from xstilts.inference.families import Families
from xstilts.inference.headline import SIMILARITY, enough_tasks, fit_dyads
from xstilts.study.errors import StudyError


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
    found = []
    for kind, name, kept in _cases(rows, languages, retrieval):
        if kept.all() or not kept.any():
            continue
        row = {"kind": kind, "left_out": name}
        test = _refit(rows[kept], similarity, covariates, sizes, families)
        if test is not None:
            row |= {"estimate": test.estimate, "low": test.low, "high": test.high, "p": test.p}
        found.append(row)
    return found


def _refit(rows, similarity, covariates, sizes, families):
    table, _ = dyads(rows, similarity, families)
    if sizes is not None:
        table = table.merge(sizes, on="intermediate", how="left")
    if enough_tasks(table) is not None:
        return None
    try:
        return fit_dyads(table, covariates=covariates).kenward_roger(SIMILARITY)
    except StudyError:
        return None


def _cases(
    rows: pd.DataFrame, languages: pd.DataFrame, retrieval: Collection[str]
) -> Iterator[tuple[str, str, pd.Series]]:
    for kind in ("intermediate", "target", "language"):
        for name in sorted(set(rows[kind])):
            yield kind, name, rows[kind] != name
    families = rows["language"].map(
        languages.drop_duplicates("iso639_1").set_index("iso639_1")["family_glottolog"]
    )
    for name in sorted(set(families.dropna())):
        yield "family", name, families != name
    if retrieval:
        yield "retrieval", " and ".join(sorted(retrieval)), ~rows["target"].isin(list(retrieval))
    yield "same_data", "dyads of the same data", ~rows["same_data"]
