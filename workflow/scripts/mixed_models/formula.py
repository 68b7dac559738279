"""Fixed effects written as Wilkinson formulas (Wilkinson & Rogers 1973), read by formulaic."""

import re
from dataclasses import dataclass

import formulaic
import numpy as np
import pandas as pd
from formulaic.errors import FormulaicError

from .errors import ModelError
from .table_input import column, is_numeric

# formulaic marks the place of an error with these and with terminal colours.
MARKS = re.compile(r"\x1b\[[0-9;]*m|[⧛⧚]")


@dataclass(frozen=True)
class Formula:
    """A parsed right-hand side and the columns that it needs."""

    text: str
    parsed: formulaic.Formula
    columns: frozenset[str]


def parse(text: str, table: pd.DataFrame) -> Formula:
    """Raises ModelError where `text` is no right-hand side over the columns of the table."""
    if "~" in text:
        raise ModelError(
            f"the formula '{text}' has a left-hand side: give only what follows '~', and the "
            "response with --response"
        )
    if "|" in re.sub(r"`[^`]*`", "", text):
        raise ModelError(
            f"the formula '{text}' holds a random term: give random intercepts with --random and "
            "random slopes with --slope"
        )
    try:
        parsed = formulaic.Formula(text)
        columns = frozenset(map(str, parsed.required_variables)) | _inside(parsed, table)
    except (FormulaicError, SyntaxError) as error:
        raise _wrong(text, error) from None
    for name in sorted(columns):
        if name not in table and f"{name}(" in text:
            raise ModelError(
                f"the formula '{text}' uses a function '{name}' that is not known: use numpy's, "
                "as in np.log(x)"
            )
        column(table, name)
    if "Intercept" in columns:
        raise ModelError("a column named 'Intercept' cannot be a predictor: rename it")
    return Formula(text, parsed, columns)


def _inside(parsed: formulaic.Formula, table: pd.DataFrame) -> frozenset[str]:
    """Columns within functions such as poly and bs, whose variables formulaic does not list."""
    factors = {factor.expr for term in parsed for factor in term.factors}
    called = " ".join(one for one in factors if "(" in one and one not in table)

    def appears(name: str) -> bool:
        bare = rf"(?<![\w.`]){re.escape(name)}(?![\w`(]|\s*=[^=])"
        return f"`{name}`" in called or re.search(bare, called) is not None

    return frozenset(name for name in map(str, table) if appears(name))


def design_matrix(formula: Formula, complete: pd.DataFrame) -> pd.DataFrame:
    """The design of complete rows, n x p of full rank, with the terms' names.

    Text is treatment-coded against its first level in sort order. Raises ModelError, naming the
    columns, for constant, empty or collinear ones and for transformations that are not finite.
    """
    try:
        with np.errstate(all="ignore"):
            found = formula.parsed.get_model_matrix(complete, context={}, na_action="ignore")
    except (FormulaicError, SyntaxError) as error:
        raise _wrong(formula.text, error) from None
    design = pd.DataFrame(np.asarray(found, dtype=float), columns=list(found.columns))
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
    return design


def _wrong(text: str, error: Exception) -> ModelError:
    first_line = MARKS.sub("", str(error)).strip().splitlines()[0]
    reason = re.split(r"\. (?=[A-Z])", first_line)[0]
    return ModelError(f"cannot use the formula '{text}': {reason}")


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
