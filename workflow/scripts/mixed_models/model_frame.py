"""From a table and a model written in words to the numbers that are fitted."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from .errors import ModelError
from .formula import Formula, design_matrix, parse
from .random_terms import RandomTerm
from .table_input import column, is_numeric, numbers

# With fewer, a variance between levels can hardly be estimated: make the factor a fixed effect.
FEWEST_LEVELS = 5


@dataclass(frozen=True)
class Model:
    """A mixed model in words.

    `fixed` is the right-hand side of a Wilkinson formula; `random` are grouping factors, `a:b`
    for a combination; a slope `x|g` is uncorrelated, (0 + x | g) in lme4's words.
    """

    response: str
    fixed: str = "1"
    random: tuple[str, ...] = ()
    slopes: tuple[str, ...] = ()
    reml: bool = True


@dataclass(frozen=True)
class Rows:
    """The complete rows: response (n,), design n x p with names, random terms.

    `missing` counts, per column, the rows left out because they lack it (one row may lack
    several); `references` gives the level that each text predictor is compared with.
    """

    response: np.ndarray
    design: pd.DataFrame
    random: tuple[RandomTerm, ...]
    dropped: int
    missing: dict[str, int]
    references: dict[str, str]


def prepare(table: pd.DataFrame, model: Model) -> Rows:
    """Checks a table against a model; raises ModelError with what is wrong and what to do."""
    formula = parse(model.fixed, table)
    response = model.response if model.response in table else _bare(model.response)
    factors = {name: _factors(table, name) for name in model.random}
    slopes = {name: _slope(table, name) for name in model.slopes}
    if not (factors or slopes):
        raise ModelError("no random effects are named: give at least one factor with --random")
    if len(factors) < len(model.random) or len(slopes) < len(model.slopes):
        raise ModelError("a random term is named twice: name each once")
    used = {response: numbers(table, response)}
    used |= {name: _predictor(table, name) for name in sorted(formula.columns)}
    used |= {one: numbers(table, one) for one, _ in slopes.values()}
    groups = [*factors.values(), *(names for _, names in slopes.values())]
    keys = {one: column(table, one) for names in groups for one in names}
    lacks = pd.DataFrame({name: values.isna() for name, values in {**keys, **used}.items()})
    kept = ~lacks.any(axis=1)
    missing = {name: int(count) for name, count in lacks.sum().items() if count}
    if not kept.any():
        raise ModelError(
            "no row is complete: "
            + ", ".join(f"{count} rows lack '{name}'" for name, count in missing.items())
        )
    complete = pd.DataFrame({name: values[kept] for name, values in used.items()})
    codes = {name: _codes(table[kept], names) for name, names in factors.items()}
    random = [RandomTerm(name, codes) for name, codes in codes.items()]
    for name, (covariate, names) in slopes.items():
        values = complete[covariate].to_numpy()
        if np.ptp(values) == 0:
            raise ModelError(f"the random slope '{name}' is of a constant column: leave it out")
        random.append(RandomTerm(name, _codes(table[kept], names), values))
    _check_groups(random, int(kept.sum()))
    if np.ptp(complete[response].to_numpy()) == 0:
        raise ModelError(f"the response '{response}' is constant: there is nothing to explain")
    return Rows(
        response=complete[response].to_numpy(),
        design=design_matrix(formula, complete),
        random=tuple(random),
        dropped=int((~kept).sum()),
        missing=missing,
        references=_references(complete, formula),
    )


def _bare(name: str) -> str:
    return name.strip().removeprefix("`").removesuffix("`")


def _factors(table: pd.DataFrame, name: str) -> tuple[str, ...]:
    """The columns of a grouping factor; a column may have a colon in its own name."""
    names = (name,) if name in table else tuple(_bare(one) for one in name.split(":"))
    for one in names:
        column(table, one)
    return names


def _slope(table: pd.DataFrame, text: str) -> tuple[str, tuple[str, ...]]:
    covariate, bar, group = text.partition("|")
    if not (bar and covariate.strip() and group.strip()):
        raise ModelError(f"the slope '{text}' must read 'covariate|grouping factor'")
    if covariate.strip() == "1" and "1" not in table:
        raise ModelError(f"'{text}' is a random intercept: give '{group.strip()}' with --random")
    return _bare(covariate), _factors(table, group.strip())


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


def _check_groups(random: list[RandomTerm], rows: int) -> None:
    for term in random:
        levels = int(term.codes.max()) + 1
        if levels < FEWEST_LEVELS:
            raise ModelError(
                f"the grouping factor of '{term.name}' has {levels} levels, too few to estimate a "
                f"variance (at least {FEWEST_LEVELS}): make it a fixed effect"
            )
        if term.covariate is None and levels == rows:
            raise ModelError(
                f"'{term.name}' has a level of its own for each of the {rows} rows, so that its "
                "variance cannot be told from the residual's: leave this random term out"
            )
    intercepts = [term for term in random if term.covariate is None]
    for one, other in combinations(intercepts, 2):
        pairs = len(np.unique(np.stack([one.codes, other.codes]), axis=1).T)
        if pairs == one.codes.max() + 1 == other.codes.max() + 1:
            raise ModelError(
                f"'{one.name}' and '{other.name}' group the rows in the same way, so that their "
                "variances cannot be told apart: leave one of them out"
            )
