"""The rows of the table `effects`: every test of similarity, by every method."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.inference.analyses.crossed import NAIVE, WARNING, fit_rows, naive_test
from xstilts.inference.analyses.headline import (
    FLAG,
    SIMILARITY,
    Fitted,
    enough_tasks,
    fit_dyads,
    permute,
)
from xstilts.inference.analyses.low_resource import (
    MODERATORS,
    dyad_contrasts,
    fit_interaction,
    interaction_term,
    too_few_languages,
)
from xstilts.inference.analyses.match import contrast, why_no_p
from xstilts.inference.analyses.permutation import Permutation
from xstilts.inference.table_files import effect

RESPONSES = {"standardised": "gain_scaled", "points": "gain"}
ANALYSES = {"log10_pretraining_size": "low_resource", "joshi_class": "low_resource_joshi"}
# The slope of the match alone less the slope between tasks.
CONTRAST = "match_minus_between"
Row = dict[str, object]
AnyRow = TypeVar("AnyRow")


@dataclass(frozen=True)
class Settings:
    """What the config decides of the tests; keys as under `inference`.

    `left_out` says in a few words what no test saw, for the notes.
    """

    permutations: int
    seed: int
    covariates: tuple[str, ...] = ()
    left_out: str = ""


def subsets(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All dyads (those of the same data carry a flag in the model), and the others alone."""
    tables = {"all": table}
    if table["same_data"].any():
        tables["without_same_data"] = table[~table["same_data"]]
    return tables


def headline_effects(table: pd.DataFrame, settings: Settings) -> Iterator[Row]:
    """Mixed model and permutation test of the dyads, in both scales, with and without same data."""
    for subset, dyads in subsets(table).items():
        if enough_tasks(dyads) is not None:
            continue
        for scale, response in RESPONSES.items():
            key = ("headline", subset, scale)
            fitted = fit_dyads(dyads, response, covariates=settings.covariates)
            yield from _fixed_effects(key, fitted, len(dyads), settings.left_out)
            yield _permuted(key, dyads, response, SIMILARITY, settings)
            test = contrast(dyads, response, settings.covariates)
            if test is not None:
                yield effect(*key, "kenward_roger", CONTRAST, test, len(dyads), settings.left_out)


def _fixed_effects(
    key: tuple[str, str, str],
    fitted: Fitted,
    n: int,
    left_out: str,
    without: tuple[str, ...] = (),
) -> Iterator[Row]:
    zero = fitted.zero or fitted.fit.dropped
    estimated = f"variances estimated zero: {', '.join(zero)}" if zero else ""
    alike = (
        f"slopes not seen to differ, left out: {', '.join(fitted.alike)}" if fitted.alike else ""
    )
    note = "; ".join(filter(None, [estimated, alike, left_out]))
    for term in (term for term in fitted.terms[1:] if term not in without):
        name = _shown(term)
        yield effect(*key, "kenward_roger", name, fitted.kenward_roger(term), n, note)
        yield effect(*key, "satterthwaite", name, fitted.satterthwaite(term), n, note)


def _shown(term: str) -> str:
    return "similarity" if term == SIMILARITY else term


def _permuted(
    key: tuple[str, str, str],
    table: pd.DataFrame,
    response: str,
    term: str,
    settings: Settings,
    name: str = "similarity",
) -> Row:
    (relabelled,) = permute(
        table,
        response,
        [term],
        permutations=settings.permutations,
        seed=settings.seed,
        covariates=settings.covariates,
    )
    return effect(*key, "mrqap", name, relabelled, relabelled.n, _relabelled(relabelled, table))


def _relabelled(relabelled: Permutation, table: pd.DataFrame) -> str:
    if pd.isna(relabelled.p):
        return why_no_p(relabelled)
    shared = table["member"] if "member" in table else table["target"]
    counts = relabelled.intermediates, relabelled.targets
    if counts == (table["intermediate"].nunique(), shared.nunique()):
        return ""
    return (
        f"{counts[0]} intermediate and {counts[1]} target tasks were relabelled; the others lack a "
        "pair and kept their places."
    )


def row_effects(rows: pd.DataFrame, fitted: Fitted, settings: Settings) -> Iterator[Row]:
    """The row-level crossed model `fitted` (standardised), and the one without dyads as a warning.

    `rows` come from `standardised_rows`.
    """
    key = ("rows", "all", "standardised")
    yield from _fixed_effects(key, fitted, len(rows), settings.left_out)
    for scale, response in RESPONSES.items():
        naive = naive_test(fit_rows(rows, NAIVE, response))
        yield effect("rows", "all", scale, "naive", "similarity", naive, len(rows), WARNING)


def low_resource_effects(
    rows: pd.DataFrame, table: pd.DataFrame, settings: Settings
) -> Iterator[Row]:
    """Similarity by pretraining size, and by Joshi class; `rows` come from `with_languages`."""
    for moderator in MODERATORS:
        key = (ANALYSES[moderator], "all", "standardised")
        fitted = fit_interaction(rows, moderator)
        # This model lacks the spread of similarity's own slopes; the headline is the test of it.
        others = (SIMILARITY, FLAG)
        yield from _fixed_effects(key, fitted, len(rows), settings.left_out, others)
        contrasts = dyad_contrasts(rows, table, moderator)
        if enough_tasks(contrasts) is not None:
            continue
        term = interaction_term(moderator)
        second = fit_dyads(contrasts, "contrast", covariates=settings.covariates)
        note = "of each dyad's own slope over languages"
        test = second.kenward_roger(SIMILARITY)
        yield effect(*key, "kenward_roger_of_contrasts", term, test, len(contrasts), note)
        yield _permuted(key, contrasts, "contrast", SIMILARITY, settings, term)


def attempt(make: Callable[[], Iterator[AnyRow]], what: str, problems: list[str]) -> list[AnyRow]:
    """The rows that `make` yields; numbers that allow no fit end as a sentence in `problems`."""
    rows: list[AnyRow] = []
    try:
        for row in make():
            rows.append(row)
    except StudyError as error:
        problems.append(f"{what} stopped: {error}")
    return rows


__all__ = [
    "Settings",
    "attempt",
    "headline_effects",
    "low_resource_effects",
    "row_effects",
    "subsets",
    "too_few_languages",
]
