"""What lme4, lmerTest and pbkrtest found on the tables in tests/data/mixed."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from mixed_models.fit import ProfileFit, RandomTerm, fit

FOLDER = Path(__file__).resolve().parents[1] / "data" / "mixed"
FITS = json.loads((FOLDER / "fixtures.json").read_text())["fits"]
NAMES = [f"{one['table']} {'REML' if one['reml'] else 'ML'}" for one in FITS]


def read(one: dict) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{one['table']}.csv").dropna().reset_index(drop=True)


def random_terms(table: pd.DataFrame, one: dict) -> list[RandomTerm]:
    def codes(factor: str) -> np.ndarray:
        return table.groupby(factor.split(":")).ngroup().to_numpy()

    slopes = [text.split("|") for text in one["slope"]]
    return [RandomTerm(name, codes(name)) for name in one["random"]] + [
        RandomTerm(f"{x}|{name}", codes(name), table[x].to_numpy()) for x, name in slopes
    ]


def design(table: pd.DataFrame, one: dict) -> np.ndarray:
    """By hand, apart from the project's formulas: R's names of the columns are multiplied out."""

    def column(name: str) -> np.ndarray:
        if name in table:
            return table[name].to_numpy(dtype=float)
        factor = next(one for one in ("kind", "script") if name.startswith(one))
        return (table[factor] == name.removeprefix(factor)).to_numpy(dtype=float)

    return np.column_stack(
        [
            np.ones(len(table))
            if term == "(Intercept)"
            else np.prod([column(name) for name in term.split(":")], axis=0)
            for term in one["terms"]
        ]
    )


def refit(one: dict) -> ProfileFit:
    table = read(one)
    return fit(
        table["gain"].to_numpy(), design(table, one), random_terms(table, one), reml=one["reml"]
    )
