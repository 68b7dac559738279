"""The slope of the match less that between tasks, against the analysis of variance by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from xstilts.inference.analyses.headline import SIMILARITY, dyad_terms, fit_without_zero
from xstilts.inference.analyses.match import OF_TASKS, WITHIN, contrast, split_similarity

ROWS, COLUMNS = 8, 7


def crossed(seed: int, rows: int = ROWS, columns: int = COLUMNS) -> pd.DataFrame:
    """Every pair of tasks, with effects of tasks and of pairs on similarity and on gain."""
    random = np.random.default_rng(seed)
    shape = rows, columns

    def effects() -> np.ndarray:
        sides = random.normal(size=(rows, 1)), 1.5 * random.normal(size=(1, columns))
        return sides[0] + sides[1] + random.normal(size=shape)

    row, column = (index.ravel() for index in np.indices(shape))
    similarity = effects().ravel()
    table = pd.DataFrame({"intermediate": row, "target": column, "same_data": False})
    table[SIMILARITY] = (similarity - similarity.mean()) / similarity.std(ddof=1)
    return table.assign(gain_scaled=effects().ravel())


def strata(table: pd.DataFrame) -> list[tuple[float, float, int]]:
    """Slope, its variance and degrees of freedom of task means, of either side, and of pairs."""
    found = []
    x, y = (table.pivot(index="intermediate", columns="target", values=each).to_numpy()
            for each in (SIMILARITY, "gain_scaled"))  # fmt: skip
    for axis in (1, 0):
        mean = [each.mean(axis=axis) - each.mean() for each in (x, y)]
        line = stats.linregress(*mean)
        found.append((line.slope, line.stderr**2, len(mean[0]) - 2))
    x, y = (each - each.mean(axis=0) - each.mean(axis=1, keepdims=True) + each.mean()
            for each in (x, y))  # fmt: skip
    slope = float((x * y).sum() / (x * x).sum())
    df = (ROWS - 1) * (COLUMNS - 1) - 1
    return [*found, (slope, float(((y - slope * x) ** 2).sum() / df / (x * x).sum()), df)]


def slopes_are_zero(table: pd.DataFrame) -> bool:
    split = split_similarity(table)
    design = np.column_stack([np.ones(len(split)), split[[*OF_TASKS, WITHIN]]])
    _, zero = fit_without_zero(split["gain_scaled"].to_numpy(), design, dyad_terms(split, WITHIN))
    return set(zero) == {"similarity|intermediate", "similarity|target"}


def test_of_a_whole_grid_it_is_three_analyses_of_variance():
    tables = (crossed(seed) for seed in range(50))
    table = next(each for each in tables if slopes_are_zero(each))
    found = contrast(table)
    split = split_similarity(table)
    squares = np.array([float((split[name] ** 2).sum()) for name in OF_TASKS])
    weights = np.array([*(-squares / squares.sum()), 1.0])
    slopes, variances, df = (np.array(each) for each in zip(*strata(table), strict=True))
    parts = weights**2 * variances
    assert found.estimate == pytest.approx(weights @ slopes, rel=1e-6)
    assert found.standard_error == pytest.approx(np.sqrt(parts.sum()), rel=1e-4)
    # Satterthwaite's degrees of freedom of a sum of independent mean squares.
    assert found.df == pytest.approx(parts.sum() ** 2 / (parts**2 / df).sum(), rel=1e-3)


def test_a_slope_over_all_pairs_changes_nothing():
    table = crossed(3)
    moved = table.assign(gain_scaled=table["gain_scaled"] + 0.7 * table[SIMILARITY])
    first, second = contrast(table), contrast(moved)
    assert second.estimate == pytest.approx(first.estimate, abs=1e-6)
    assert second.p == pytest.approx(first.p, abs=1e-5)


def test_a_slope_of_the_match_alone_is_seen():
    table = crossed(3, 12, 12)
    within = split_similarity(table)[WITHIN]
    moved = table.assign(gain_scaled=table["gain_scaled"] + 3 * within)
    assert contrast(moved).p < 0.001
    assert contrast(moved).estimate - contrast(table).estimate == pytest.approx(3, abs=0.3)


def test_the_parts_are_those_of_least_squares():
    table = crossed(5).drop(index=[0, 9, 20]).reset_index(drop=True)
    split = split_similarity(table)
    values = table[SIMILARITY].to_numpy()
    whole = split[[*OF_TASKS, WITHIN]].sum(axis=1).to_numpy()
    assert whole - whole.mean() == pytest.approx(values - values.mean())
    for side, part in zip(("intermediate", "target"), OF_TASKS, strict=True):
        assert (split.groupby(side)[part].nunique() == 1).all()
        assert split.groupby(side)[WITHIN].sum().to_numpy() == pytest.approx(0, abs=1e-9)


def test_parts_without_spread_leave_nothing_to_compare():
    table = crossed(5)
    split = split_similarity(table)
    assert contrast(table.assign(**{SIMILARITY: split[list(OF_TASKS)].sum(axis=1)})) is None
    assert contrast(table.assign(**{SIMILARITY: split[WITHIN]})) is None
    # Similarity that one side's tasks share alone still has a slope between tasks.
    one_side = split[WITHIN] + split["similarity_of_target"]
    assert contrast(table.assign(**{SIMILARITY: one_side})) is not None
