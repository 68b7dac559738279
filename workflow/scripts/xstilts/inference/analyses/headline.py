"""The headline test: does a dyad's similarity predict its gain, for tasks like these?

gain ~ similarity (+ same-data flag + covariates), gain in standard deviations of its target, random
intercepts and random similarity slopes for intermediate and target task, a random effect of the
pair of families, REML, Kenward-Roger. Without the random slopes the test speaks of these very tasks
alone (Barr, Levy, Scheepers & Tily 2013); without the dyads as unit it rejects a true null in six
of ten studies, without the families in 10 to 15 of 100 where there are some.

Slopes that do not differ between tasks are estimated to differ in half of studies, and then widen
the error for nothing: a true null is rejected in 1 to 3 of 100. So a side's slopes stay in the
model where the likelihood is as much for them as Akaike's criterion asks of any other parameter
(Matuschek, Kliegl, Vasishth, Baayen & Bates 2017, Journal of Memory and Language 94; the figures
of this rule and of others are in benchmarks/calibration.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from mixed_models.denominator_df import Test, kenward_roger, satterthwaite
from mixed_models.fit import ProfileFit
from mixed_models.random_terms import RandomTerm
from xstilts.inference.analyses.families import COLUMNS, member_codes, pair_codes
from xstilts.inference.analyses.permutation import Permutation, mrqap
from xstilts.inference.analyses.relabelling import Labels
from xstilts.inference.dyads import DYAD, matrix
from xstilts.inference.engine import fit, fit_at

# A slope over tasks, with its spread between tasks, needs at least so many of both kinds.
FEWEST_TASKS = 5
FLAG = "same_data"
SIMILARITY = "similarity_standardised"
SLOPES = tuple(f"similarity|{name}" for name in DYAD)
# So much a side's slopes add to twice the log-likelihood, or they are left out. Akaike asks 2 of a
# parameter that may have either sign; a variance is at the end of its range where slopes are alike,
# so that chance adds half as much to it (Self & Liang 1987, Journal of the American Statistical
# Association 82), and 1 is as rare: p = 0.16.
LEAST_RISE = 1.0


@dataclass(frozen=True)
class Fitted:
    """A mixed model and the names of its fixed effects in the order of the design.

    `zero` names the components that were estimated zero, also where they were then left out, and
    `alike` the random slopes left out because they add too little to the likelihood.
    """

    fit: ProfileFit
    terms: tuple[str, ...]
    zero: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()

    def contrast(self, term: str) -> np.ndarray:
        """The vector that picks out `term`."""
        return np.array([float(name == term) for name in self.terms])

    def kenward_roger(self, term: str) -> Test:
        """Kenward and Roger's test of `term`."""
        return kenward_roger(self.fit, self.contrast(term))

    def satterthwaite(self, term: str) -> Test:
        """Satterthwaite's test of `term`."""
        return satterthwaite(self.fit, self.contrast(term))

    def expected(self, table: pd.DataFrame, predictor: str = "") -> np.ndarray:
        """What the model of `dyad_terms(table, predictor)` expects of rows, effects included."""
        columns = [np.ones(len(table)), *(table[name].to_numpy(float) for name in self.terms[1:])]
        values = np.column_stack(columns) @ self.fit.beta
        for term in dyad_terms(table, predictor):
            if term.name in self.fit.modes:
                effects = self.fit.modes[term.name][term.codes]
                values += effects * (1.0 if term.covariate is None else term.covariate)
        return values

    def estimate(self, term: str) -> float:
        """Coefficient of `term`."""
        return float(self.contrast(term) @ self.fit.beta)


def codes(table: pd.DataFrame, *names: str) -> np.ndarray:
    """Integers from 0 that tell apart the combinations of `names`, (rows,)."""
    numbers = np.zeros(len(table), dtype=int)
    for name in names:
        levels = pd.factorize(table[name], sort=True)[0]
        numbers = np.unique(numbers * (levels.max() + 1) + levels, return_inverse=True)[1]
    return numbers


def design_of(table: pd.DataFrame, terms: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Intercept and those of `terms` that vary and add something to the ones before."""
    columns, kept = [np.ones(len(table))], ["intercept"]
    for term in terms:
        column = table[term].to_numpy(float)
        spread = column.std()
        if spread <= 0 or not np.isfinite(spread):
            continue
        trial = np.column_stack([*columns, (column - column.mean()) / spread])
        if np.linalg.matrix_rank(trial) == trial.shape[1]:
            columns.append(column)
            kept.append(term)
    return np.column_stack(columns), tuple(kept)


def fit_dyads(
    table: pd.DataFrame,
    response: str = "gain_scaled",
    predictor: str = SIMILARITY,
    covariates: Sequence[str] = (),
    *,
    slopes: bool = True,
) -> Fitted:
    """The mixed model of dyads: `predictor`, same-data flag, `covariates`; one row per dyad.

    With `slopes`, tasks' own slopes of `predictor` are in it as far as `LEAST_RISE` asks.

    Raises:
        StudyError: the numbers allow no fit.
    """
    wanted = [FLAG, *covariates, predictor] if predictor else [FLAG, *covariates]
    design, terms = design_of(table, wanted)
    random = dyad_terms(table, predictor if slopes and predictor in terms else "")
    return fit_with_slopes_seen(table[response].to_numpy(float), design, random, terms, SLOPES)


def fit_with_slopes_seen(
    values: np.ndarray,
    design: np.ndarray,
    random: Sequence[RandomTerm],
    terms: tuple[str, ...],
    slopes: Sequence[str],
) -> Fitted:
    """The fit with those `slopes`, names of random terms, that raise it by `LEAST_RISE` each.

    Raises:
        StudyError: the numbers allow no fit.
    """
    models = _with_and_without(values, design, random, terms, slopes)
    return max(models, key=lambda model: 2 * model.fit.loglik + LEAST_RISE * len(model.alike))


def _with_and_without(
    values: np.ndarray,
    design: np.ndarray,
    random: Sequence[RandomTerm],
    terms: tuple[str, ...],
    slopes: Sequence[str],
) -> Iterator[Fitted]:
    """The model of all random terms, and those without some of the slopes that it has."""
    fitted, zero = fit_without_zero(values, design, random)
    yield Fitted(fitted, terms, zero)
    flat = tuple(name for name in zero if name in slopes)
    there = [name for name in slopes if name in fitted.variances]
    counts = range(1, len(there) + 1)
    for alike in (each for count in counts for each in combinations(there, count)):
        kept = [term for term in random if term.name not in (*alike, *flat)]
        smaller, zero = fit_without_zero(values, design, kept)
        yield Fitted(smaller, terms, (*zero, *flat), alike)


def dyad_terms(table: pd.DataFrame, predictor: str = "") -> list[RandomTerm]:
    """Random intercepts of both tasks, of what groups the dyads, and slopes of `predictor`.

    Groups are pairs of families and, where targets share a fine-tune or an encoder's sentences,
    intermediate tasks on what they share; see `families`.
    """
    random = [RandomTerm(name, codes(table, name)) for name in DYAD]
    groups = {"family pair": pair_codes(table), "intermediate:shared": member_codes(table)}
    random += [RandomTerm(name, each) for name, each in groups.items() if each is not None]
    if predictor:
        covariate = table[predictor].to_numpy(float)
        random += [
            RandomTerm(slope, codes(table, name), covariate)
            for slope, name in zip(SLOPES, DYAD, strict=True)
        ]
    return random


def fit_without_zero(
    values: np.ndarray, design: np.ndarray, random: Sequence[RandomTerm]
) -> tuple[ProfileFit, tuple[str, ...]]:
    """The fit without the components that are estimated zero, and their names.

    Counted as if they might be there, such components cost so many degrees of freedom that a true
    null is rejected in 0 to 3 of 100 studies (benchmarks/calibration.md). All tests go by this.

    Raises:
        StudyError: the numbers allow no fit.
    """
    fitted = fit(values, design, random)
    zero = fitted.dropped
    if not zero:
        return fitted, ()
    # Where they are zero, the best of the others is what it is without them: no new search.
    kept = [term for term in random if term.name not in zero]
    return fit_at(fitted, values, design, kept), zero


def permute(
    table: pd.DataFrame,
    response: str,
    predictors: Sequence[pd.DataFrame | str],
    *,
    permutations: int,
    seed: int,
    covariates: Sequence[str] = (),
) -> list[Permutation]:
    """The permutation test of `predictors`: columns of `table`, or other dyad tables.

    Another table gives its own similarity, with NaN where it has no such dyad.
    """
    names = sorted(set(table["intermediate"])), sorted(set(table["target"]))
    matrices = [
        matrix(table, each, names) if isinstance(each, str) else matrix(each, "similarity", names)
        for each in predictors
    ]
    given = [
        matrix(table.assign(**{name: table[name].astype(float)}), name, names)
        for name in (FLAG, *covariates)
        if table[name].nunique() > 1
    ]
    together = _Members.of(table, names)
    return mrqap(
        together.mean(matrix(table, response, names)),
        [together.mean(each) for each in matrices],
        [together.mean(each) for each in given],
        permutations=permutations,
        seed=seed,
        labels=together.labels,
    )


def labels_of(table: pd.DataFrame, names: tuple[list[str], list[str]]) -> Labels:
    """Names and families of the tasks of a matrix of `table`, in the order of `names`."""
    if not set(COLUMNS) <= set(table.columns):
        table = table.assign(intermediate_family="", target_family="")
    families = [
        [first[name] for name in side]
        for first, side in zip(
            (table.groupby(side)[f"{side}_family"].first() for side in DYAD), names, strict=True
        )
    ]
    return Labels(*names, *families)


@dataclass(frozen=True)
class _Members:
    """Targets that share something as one column each; the others as they are."""

    labels: Labels
    columns: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, table: pd.DataFrame, names: tuple[list[str], list[str]]) -> "_Members":
        if not set(COLUMNS) <= set(table.columns):
            table = table.assign(intermediate_family="", target_family="", member=table["target"])
        rows = table.groupby("intermediate")["intermediate_family"].first()
        targets = table.groupby("target")[["target_family", "member"]].first()
        members: dict[str, list[str]] = {}
        for target in names[1]:
            members.setdefault(targets.loc[target, "member"], []).append(target)
        # A target that shares nothing keeps its own name: it may be a row as well.
        titles = [group[0] if len(group) == 1 else name for name, group in members.items()]
        families = [targets.loc[group[0], "target_family"] for group in members.values()]
        labels = Labels(names[0], titles, [rows[name] for name in names[0]], families)
        column = {name: k for k, name in enumerate(names[1])}
        return cls(
            labels, tuple(tuple(column[target] for target in each) for each in members.values())
        )

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean over the targets of each member; NaN where one of them has no value."""
        return np.column_stack([values[:, list(each)].mean(axis=1) for each in self.columns])


def enough_tasks(table: pd.DataFrame) -> str | None:
    """None if the tests can be made on `table`, else a sentence that says why not."""
    counts = {name: table[name].nunique() for name in DYAD}
    if min(counts.values()) < FEWEST_TASKS:
        return (
            f"No test of similarity: it needs at least {FEWEST_TASKS} intermediate and "
            f"{FEWEST_TASKS} target tasks with gains and similarity, and there are "
            f"{counts['intermediate']} and {counts['target']}."
        )
    if table["similarity"].isna().all():
        return "No test of similarity: none is given."
    if not np.isfinite(table[SIMILARITY]).all():
        return "No test of similarity: all dyads are equally similar."
    return None
