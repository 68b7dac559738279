"""Random terms in words: `a:b`, `a/b`, `x|g`, `1 + x|g`, `1 + x || g`."""

import re
from dataclasses import dataclass

import pandas as pd

from .errors import ModelError
from .formula import Formula, parse
from .table_input import column, is_numeric


@dataclass(frozen=True)
class Slope:
    """A random term with covariates: its columns by a formula, one grouping factor.

    `plain` is the covariate of an uncorrelated slope (0 + x | g), which keeps its name `text`.
    """

    text: str
    formula: Formula
    group: tuple[str, ...]
    correlated: bool
    plain: str | None


def bare(name: str) -> str:
    """A name without the backticks around it."""
    return name.strip().removeprefix("`").removesuffix("`")


def grouping_factors(table: pd.DataFrame, text: str) -> dict[str, tuple[str, ...]]:
    """The columns of each grouping factor; `a/b` is `a` and `a:b`, as in lme4.

    A column may have a colon or a slash in its own name.
    """
    if text in table:
        return {text: (text,)}
    levels: dict[str, tuple[str, ...]] = {}
    above: tuple[str, ...] = ()
    for part in text.split("/"):
        names = (*above, *_combined(table, part.strip()))
        levels[":".join(names)] = above = names
    if "/" not in text:
        return {text: above}
    return levels


def _combined(table: pd.DataFrame, text: str) -> tuple[str, ...]:
    names = (text,) if text in table else tuple(bare(part) for part in text.split(":"))
    for part in names:
        column(table, part)
    return names


def slopes(table: pd.DataFrame, text: str) -> list[Slope]:
    """The terms of `covariates|grouping factor`, one for each grouping factor."""
    left, bar, right = text.partition("|")
    correlated = not right.startswith("|")
    left, right = left.strip(), right.removeprefix("|").strip()
    if not (bar and left and right):
        raise ModelError(f"the slope '{text}' must read 'covariate|grouping factor'")
    if left == "1" and "1" not in table:
        raise ModelError(f"'{text}' is a random intercept: give '{right}' with --random")
    name = bare(left)
    plain = None
    if name in table:
        plain = name if is_numeric(column(table, name)) else None
        formula = parse(f"0 + `{name}`", table)
    elif re.match(r"[01]\s*\+", left):
        formula = parse(left, table)
    else:
        if not re.search(r"[+*:(^]", left):
            column(table, name)
        raise ModelError(
            f"say of the slope '{text}' whether it comes with an intercept: '1 + {left}|{right}' "
            f"or '0 + {left}|{right}'"
        )
    groups = grouping_factors(table, right)
    several = len(groups) > 1
    return [
        Slope(f"{left}|{group}" if several else text, formula, names, correlated, plain)
        for group, names in groups.items()
    ]
