"""Fixed effects written as Wilkinson formulas (Wilkinson & Rogers 1973), read by formulaic."""

import re
from dataclasses import dataclass

import formulaic
import numpy as np
import pandas as pd
from formulaic.errors import FormulaicError

from .errors import ModelError
from .plain_names import PlainFormula, plain_formula
from .table_input import column, is_numeric

# formulaic marks the place of an error with these and with terminal colours.
MARKS = re.compile(r"\x1b\[[0-9;]*m|[⧛⧚]")


@dataclass(frozen=True)
class Formula:
    """A parsed right-hand side and the columns that it needs."""

    plain: PlainFormula
    parsed: formulaic.Formula

    @property
    def text(self) -> str:
        """As the user wrote it."""
        return self.plain.original

    @property
    def columns(self) -> frozenset[str]:
        """The columns of the table."""
        return frozenset(self.plain.names.values())


@dataclass(frozen=True)
class Design:
    """columns n x p with the terms' names; terms gives the places of each term's columns."""

    columns: pd.DataFrame
    terms: dict[str, list[int]]


def parse(text: str, table: pd.DataFrame) -> Formula:
    """Raises ModelError where `text` is no right-hand side over the columns of the table."""
    outside = re.sub(r"`[^`]*`", "", text)
    if "~" in outside:
        raise ModelError(
            f"the formula '{text}' has a left-hand side: give only what follows '~', and the "
            "response with --response"
        )
    if "|" in outside:
        raise ModelError(
            f"the formula '{text}' holds a random term: give random intercepts with --random and "
            "random slopes with --slope"
        )
    plain = plain_formula(text, map(str, table), _levels(text, table))
    try:
        parsed = formulaic.Formula(plain.text)
    except (FormulaicError, SyntaxError) as error:
        raise _wrong(plain, error) from None
    for name in plain.functions:
        raise ModelError(
            f"the formula '{text}' uses a function '{name}' that is not known: use numpy's, "
            "as in np.log(x)"
        )
    for name in [*plain.unknown, *plain.names.values()]:
        column(table, name)
    if "Intercept" in plain.names.values():
        raise ModelError("a column named 'Intercept' cannot be a predictor: rename it")
    return Formula(plain, parsed)


def _levels(text: str, table: pd.DataFrame) -> list[str]:
    """The levels of the columns that a formula may name."""
    named = [name for name in map(str, table) if name in text and name in table.columns]
    columns = [table[name] for name in named if isinstance(table[name], pd.Series)]
    return [str(level) for values in columns if not is_numeric(values) for level in set(values)]


def random_columns(formula: Formula, complete: pd.DataFrame) -> pd.DataFrame:
    """As `design`, of the columns of a random term, which need be neither few nor independent."""
    return _matrix(formula, complete).columns


def _matrix(formula: Formula, complete: pd.DataFrame) -> Design:
    plain = formula.plain
    data = pd.DataFrame({short: complete[name] for short, name in plain.names.items()})
    # A formula of the intercept alone names no column, but has as many rows.
    data.index = complete.index
    try:
        with np.errstate(all="ignore"):
            matrix = formula.parsed.get_model_matrix(
                data.assign(**{} if len(data.columns) else {"rows": 1.0}),
                context={},
                na_action="ignore",
            )
    except (FormulaicError, SyntaxError, TypeError, ValueError, AttributeError) as error:
        raise _wrong(plain, error) from None
    names = [plain.restored(name) for name in matrix.columns]
    indices = matrix.model_spec.term_indices
    return Design(
        pd.DataFrame(np.asarray(matrix, dtype=float), columns=names),
        {plain.restored(str(term)): list(columns) for term, columns in indices.items() if columns},
    )


def design(formula: Formula, complete: pd.DataFrame) -> Design:
    """The design of complete rows, n x p of full rank, with the terms' names.

    Text is treatment-coded against its first level in sort order. Raises ModelError, naming the
    columns, for constant, empty or collinear ones and for transformations that are not finite.
    """
    matrix = _matrix(formula, complete)
    _check(matrix.columns, formula, complete)
    return matrix


def _check(design: pd.DataFrame, formula: Formula, complete: pd.DataFrame) -> None:
    for name in sorted(formula.columns):
        constant = complete[name].nunique() == 1
        if constant and ("Intercept" in design or not is_numeric(complete[name])):
            raise ModelError(
                f"the predictor '{name}' is constant (always '{complete[name].iloc[0]}' in the "
                f"{len(complete)} complete rows): leave it out of the formula"
            )
    if design.shape[1] >= len(design):
        raise ModelError(
            f"the formula has {design.shape[1]} coefficients for {len(design)} complete rows: "
            f"{_most_levels(complete, formula)}give more rows or simplify the formula"
        )
    for name in design:
        wrong = int((~np.isfinite(design[name])).sum())
        if wrong:
            raise ModelError(f"the term '{name}' is not finite in {wrong} rows: mend the column")
        if not design[name].any():
            raise ModelError(
                f"the term '{name}' is zero in all rows: no row has this combination; simplify the "
                "formula"
            )
    _check_rank(design)


def _wrong(plain: PlainFormula, error: Exception) -> ModelError:
    lines = MARKS.sub("", str(error)).strip().splitlines() or [type(error).__name__]
    reason = plain.restored(re.split(r"\. (?=[A-Z])", lines[0])[0])
    return ModelError(f"cannot use the formula '{plain.original}': {reason}")


def _most_levels(complete: pd.DataFrame, formula: Formula) -> str:
    texts = {name: complete[name].nunique() for name in formula.columns}
    texts = {name: n for name, n in texts.items() if not is_numeric(complete[name])}
    if not texts:
        return ""
    name = max(sorted(texts), key=texts.__getitem__)
    return f"'{name}' is text with {texts[name]} levels; "


def _check_rank(design: pd.DataFrame) -> None:
    """Names the first column that is a combination of those before it, and those."""
    sizes = np.linalg.norm(design.to_numpy(), axis=0)
    scaled = design.to_numpy() / sizes
    root = np.linalg.qr(scaled, mode="r")
    dependent = np.flatnonzero(np.abs(np.diagonal(root)) < 1e-9)
    if len(dependent):
        last = dependent[0]
        weights = np.linalg.lstsq(scaled[:, :last], scaled[:, last], rcond=None)[0]
        others = [f"'{design.columns[k]}'" for k in np.flatnonzero(np.abs(weights) > 1e-6)]
        if len(others) > 4:
            others = [*others[:3], f"{len(others) - 3} more"]
        raise ModelError(
            f"the predictors are collinear: '{design.columns[last]}' is a combination of "
            f"{' and '.join(others)}; leave one of them out"
        )
