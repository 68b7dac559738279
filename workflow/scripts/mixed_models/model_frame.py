"""From a table and a model written in words to the numbers that are fitted."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from .errors import ModelError
from .formula import Design, Formula, design, parse, random_columns
from .random_terms import RandomTerm
from .random_words import Slope, bare, grouping_factors, slopes
from .table_input import column, is_numeric, numbers

# With fewer, a variance between levels can hardly be estimated.
FEWEST_LEVELS = 5


@dataclass(frozen=True)
class Model:
    """A mixed model in words.

    `fixed` is the right-hand side of a Wilkinson formula; `random` are grouping factors, `a:b`
    for a combination, `a/b` for `a` and `a:b`. A slope `x|g` is uncorrelated, (0 + x | g) in
    lme4's words; `1 + x|g` is (1 + x | g), `1 + x||g` the same without correlations, and for a text
    column k, `k|g` is (0 + k | g). `weights` is a column: the residual variance of a row is
    proportional to 1 / its weight. `against` is the right-hand side of a smaller model.
    """

    response: str
    fixed: str = "1"
    random: tuple[str, ...] = ()
    slopes: tuple[str, ...] = ()
    reml: bool = True
    weights: str | None = None
    against: str | None = None


@dataclass(frozen=True)
class Rows:
    """The complete rows: response (n,), design n x p with names, random terms.

    `terms` gives the places of each formula term's columns; `weights` (n,) or None; `against` is
    the design of the smaller model, or None; `kept` tells the complete rows of the table;
    `missing` counts, per column, the rows left out because they lack it (one row may lack several);
    `references` gives the level that each text predictor is compared with; `warnings` are
    sentences.
    """

    response: np.ndarray
    design: pd.DataFrame
    terms: dict[str, list[int]]
    random: tuple[RandomTerm, ...]
    weights: np.ndarray | None
    against: pd.DataFrame | None
    kept: np.ndarray
    missing: dict[str, int]
    references: dict[str, str]
    warnings: tuple[str, ...]

    @property
    def dropped(self) -> int:
        """The number of rows left out."""
        return int((~self.kept).sum())


@dataclass(frozen=True)
class _Words:
    """A model's words, each found in the table."""

    response: str
    fixed: Formula
    against: Formula | None
    factors: dict[str, tuple[str, ...]]
    slopes: list[Slope]
    weights: str | None

    @property
    def formulas(self) -> list[Formula]:
        fixed = [self.fixed] if self.against is None else [self.fixed, self.against]
        return fixed + [slope.formula for slope in self.slopes]


def prepare(table: pd.DataFrame, model: Model) -> Rows:
    """Checks a table against a model; raises ModelError with what is wrong and what to do."""
    words = _words(table, model)
    complete, kept, missing = _complete(table, words)
    random = _random_terms(table[kept], complete, words)
    warnings = _check_groups(random, len(complete))
    if np.ptp(complete[words.response].to_numpy()) == 0:
        raise ModelError(
            f"the response '{words.response}' is constant: there is nothing to explain"
        )
    fixed = design(words.fixed, complete)
    return Rows(
        response=complete[words.response].to_numpy(),
        design=fixed.columns,
        terms=fixed.terms,
        random=tuple(random),
        weights=None if words.weights is None else complete[words.weights].to_numpy(),
        against=_smaller(words, complete, fixed),
        kept=kept.to_numpy(),
        missing=missing,
        references=_references(complete, words.fixed),
        warnings=tuple(warnings),
    )


def _words(table: pd.DataFrame, model: Model) -> _Words:
    fixed = parse(model.fixed, table)
    response = model.response if model.response in table else bare(model.response)
    column(table, response)
    factors: dict[str, tuple[str, ...]] = {}
    several = [grouping_factors(table, text) for text in model.random]
    for groups in several:
        factors |= groups
    terms = [slope for text in model.slopes for slope in slopes(table, text)]
    if not (factors or terms):
        raise ModelError("no random effects are named: give at least one factor with --random")
    names = [name for groups in several for name in groups] + [slope.text for slope in terms]
    if len(set(names)) < len(names):
        raise ModelError("a random term is named twice: name each once")
    against = None if model.against is None else parse(model.against, table)
    return _Words(response, fixed, against, factors, terms, model.weights and bare(model.weights))


def _complete(table: pd.DataFrame, words: _Words) -> tuple[pd.DataFrame, pd.Series, dict[str, int]]:
    """The complete rows of the columns used, which they are, and what the others lack."""
    predictors = frozenset().union(*(formula.columns for formula in words.formulas))
    numeric = [words.response, *([words.weights] if words.weights else [])]
    used = {name: _predictor(table, name) for name in sorted(predictors)}
    used |= {name: numbers(table, name) for name in numeric}
    used |= {slope.plain: numbers(table, slope.plain) for slope in words.slopes if slope.plain}
    groups = [*words.factors.values(), *(slope.group for slope in words.slopes)]
    keys = {name: column(table, name) for names in groups for name in names}
    lacks = pd.DataFrame({name: values.isna() for name, values in {**keys, **used}.items()})
    kept = ~lacks.any(axis=1)
    missing = {name: int(count) for name, count in lacks.sum().items() if count}
    if not kept.any():
        raise ModelError(
            "no row is complete: "
            + ", ".join(f"{count} rows lack '{name}'" for name, count in missing.items())
        )
    return pd.DataFrame({name: values[kept] for name, values in used.items()}), kept, missing


def _random_terms(table: pd.DataFrame, complete: pd.DataFrame, words: _Words) -> list[RandomTerm]:
    random = [RandomTerm(name, _codes(table, names)) for name, names in words.factors.items()]
    for slope in words.slopes:
        columns, codes = random_columns(slope.formula, complete), _codes(table, slope.group)
        for name, values in columns.items():
            numeric = values.to_numpy()
            intercept = name == "Intercept"
            if not intercept and np.ptp(numeric) == 0:
                raise ModelError(
                    f"the random slope '{slope.text}' is of a constant column: leave it out"
                )
            text = slope.text if slope.plain else f"{name}|{':'.join(slope.group)}"
            block = slope.text if slope.correlated and columns.shape[1] > 1 else None
            random.append(RandomTerm(text, codes, None if intercept else numeric, block))
    names = [term.name for term in random]
    if len(set(names)) < len(names):
        raise ModelError("a random term is named twice: name each once")
    return random


def _smaller(words: _Words, complete: pd.DataFrame, fixed: Design) -> pd.DataFrame | None:
    if words.against is None:
        return None
    smaller, larger = design(words.against, complete).columns, fixed.columns.to_numpy()
    inside = larger @ np.linalg.lstsq(larger, smaller.to_numpy(), rcond=None)[0]
    if smaller.shape[1] >= larger.shape[1] or not np.allclose(inside, smaller, atol=1e-6):
        raise ModelError(
            f"the formula '{words.against.text}' is no smaller case of '{words.fixed.text}': leave "
            "terms of the larger formula out"
        )
    return smaller


def _predictor(table: pd.DataFrame, name: str) -> pd.Series:
    """Numbers as they are, all else as text, so that its levels are in sort order."""
    values = column(table, name)
    if is_numeric(values):
        return numbers(table, name)
    return values.astype(object).map(str, na_action="ignore")


def _codes(table: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    return table.groupby(list(names), sort=True, observed=True).ngroup().to_numpy()


def _references(complete: pd.DataFrame, formula: Formula) -> dict[str, str]:
    texts = [name for name in sorted(formula.columns) if not is_numeric(complete[name])]
    return {name: min(complete[name]) for name in texts}


def _check_groups(random: list[RandomTerm], rows: int) -> list[str]:
    """Warnings; raises ModelError where a variance could not be told from another."""
    warnings = {}
    for term in random:
        levels = int(term.codes.max()) + 1
        if levels == 1:
            raise ModelError(
                f"the grouping factor of '{term.name}' has a single level: leave it out"
            )
        if levels < FEWEST_LEVELS:
            warnings[term.block or term.name] = (
                f"the grouping factor of '{term.block or term.name}' has {levels} levels: with "
                f"fewer than {FEWEST_LEVELS} the variance is hardly known; consider a fixed effect"
            )
        if term.covariate is None and levels == rows:
            raise ModelError(
                f"'{term.name}' has a level of its own for each of the {rows} rows, so that its "
                "variance cannot be told from the residual's: leave this random term out"
            )
    _check_blocks(random, rows)
    intercepts = [term for term in random if term.covariate is None]
    for first, second in combinations(intercepts, 2):
        pairs = len(np.unique(np.stack([first.codes, second.codes]), axis=1).T)
        if pairs == first.codes.max() + 1 == second.codes.max() + 1:
            raise ModelError(
                f"'{first.name}' and '{second.name}' group the rows in the same way, so that their "
                "variances cannot be told apart: leave one of them out"
            )
    return list(warnings.values())


def _check_blocks(random: list[RandomTerm], rows: int) -> None:
    """Correlated effects as many as rows leave nothing to the residual."""
    for block in dict.fromkeys(term.block for term in random if term.block):
        terms = [term for term in random if term.block == block]
        effects = len(terms) * (int(terms[0].codes.max()) + 1)
        if effects >= rows:
            raise ModelError(
                f"'{block}' has {effects} random effects for {rows} rows, so that their variances "
                "cannot be told from the residual's: simplify this random term"
            )
