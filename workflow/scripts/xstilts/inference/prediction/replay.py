"""A plan on a grid that is known: what would a choice of cells have found, and at which cost?

Only the cells that were chosen so far are seen by the chooser; the whole grid judges afterwards.
Each target takes the row that is believed best; to rivals of the plan, who believe nothing, that is
the best of its measured rows, and without any the first in their order. Regret is what that loses
against the target's best row, as a share of what a row drawn at random loses, so that targets and
grids compare; its mean over targets is told.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from xstilts.core.errors import StudyError
from xstilts.core.tsv import rows_of, write_tsv
from xstilts.inference.any_table import read_gains, read_similarity
from xstilts.inference.engine import read_table
from xstilts.inference.prediction.belief import (
    CHEAP,
    CHEAP_DEVIATION,
    SLOPE,
    SLOPE_DEVIATION,
    Belief,
    believe,
)

COLUMNS = ("strategy", "share", "regret", "low", "high", "draws")
SCENARIOS = 24
RANDOM_DRAWS = 200
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Offer:
    """What a chooser of the next cells is told.

    Attributes:
        cells: those that are not measured yet.
        worth: (cells, scenarios) by how much each beats what its target has.
        likely: (cells,) the larger, the likelier it does.
        encoder_price: of a row before its first cell, a cell being 1.
        paid: rows whose encoder is paid.
        budget: what may be spent.
    """

    cells: Sequence[Pair]
    worth: np.ndarray
    likely: np.ndarray
    encoder_price: float
    paid: frozenset[int]
    budget: float


Chooser = Callable[[Offer], Sequence[Pair]]


@dataclass(frozen=True, eq=False)
class Grid:
    """A whole grid of gains.

    Attributes:
        rows, columns: names.
        gains: (rows, columns), larger is better; NaN where a pair cannot be had.
        similarity: (rows, columns), or None.
        cheap: (rows, columns) of cheap measurements, or None.
        cheap_price: of a cheap cell, a full cell being 1.
        encoder_price: of a row before its first cell, a full cell being 1.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    gains: np.ndarray
    similarity: np.ndarray | None = None
    cheap: np.ndarray | None = None
    cheap_price: float = 0.25
    encoder_price: float = 1.0

    @cached_property
    def cells(self) -> list[Pair]:
        """All pairs that can be had."""
        return [(int(i), int(j)) for i, j in np.argwhere(np.isfinite(self.gains))]

    @cached_property
    def cost(self) -> float:
        """Of the whole grid."""
        rows = {row for row, _ in self.cells}
        return len(self.cells) + self.encoder_price * len(rows)

    def regret(self, trust: np.ndarray) -> float:
        """Mean over targets, where each takes the row that is trusted most.

        `trust` is (rows, columns); of rows that are trusted alike one is drawn at random.
        """
        regrets = []
        for column in range(len(self.columns)):
            there = np.isfinite(self.gains[:, column])
            gains, own = self.gains[there, column], trust[there, column]
            best, usual = gains.max(), gains.mean()
            if best > usual:
                taken = gains[own >= own.max()].mean()
                regrets.append((best - taken) / (best - usual))
        return float(np.mean(regrets))


def grid_of(
    gains: pd.DataFrame, similarity: pd.DataFrame | None, cheap: pd.DataFrame | None,
    **prices: float,
) -> Grid:  # fmt: skip
    """A grid from rows of intermediate, target and gain (means over languages and seeds).

    Raises:
        StudyError: the grid has fewer than three rows or two columns, or the other tables none of
            its pairs.
    """
    wide = _wide(gains, "gain")
    if wide.shape[0] < 3 or wide.shape[1] < 2:
        raise StudyError(
            f"the table has {wide.shape[0]} sources and {wide.shape[1]} targets: a replay needs "
            "three and two or more"
        )
    others = {}
    for name, table, value in (("similarity", similarity, "similarity"), ("cheap", cheap, "gain")):
        if table is not None:
            matrix = _wide(table, value).reindex(index=wide.index, columns=wide.columns)
            if matrix.isna().all(axis=None):
                raise StudyError(
                    f"the table of {name} gains names none of the pairs of the table of gains: "
                    "use the same names in both" if name == "cheap" else
                    "the table of similarities names none of the pairs of the table of gains: use "
                    "the same names in both"
                )  # fmt: skip
            others[name] = matrix.to_numpy(float)
    return Grid(
        list(wide.index),
        list(wide.columns),
        wide.to_numpy(float),
        others.get("similarity"),
        others.get("cheap"),
        **prices,
    )


def _wide(table: pd.DataFrame, value: str) -> pd.DataFrame:
    return table.pivot_table(index="intermediate", columns="target", values=value, aggfunc="mean")


def replay(grid: Grid, choose: Chooser, steps: int, seed: int) -> pd.DataFrame:
    """Regret against the share of the grid's cost, by strategy; columns COLUMNS.

    Args:
        grid: the whole grid.
        choose: the plan's choice of the next cells.
        steps: equal steps from nothing to the whole cost.
        seed: of all draws.
    """
    shares = np.linspace(0, 1, steps + 1)
    rows = list(_deterministic(grid, shares))
    rows += _random(grid, shares, seed)
    rows += [("plan", *point, *[np.nan] * 2, 1) for point in planned(grid, choose, shares, seed)]
    rows.append(("full search", 1.0, 0.0, np.nan, np.nan, 1))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def planned(
    grid: Grid, choose: Chooser, shares: np.ndarray, seed: int
) -> Iterator[tuple[float, float]]:
    """Share and regret of a plan that is made anew at each share, from what it has measured.

    Cheap cells come first, all of them, as soon as a third of what may be spent pays for them.
    """
    random = np.random.default_rng(seed)
    measured = np.zeros(grid.gains.shape, dtype=bool)
    paid: set[int] = set()
    spent, cheap_seen = 0.0, False
    cheap_cost = 0.0
    if grid.cheap is not None:
        cheap_cost = grid.cheap_price * (np.isfinite(grid.cheap).sum()
                                         + grid.encoder_price * len(grid.rows))  # fmt: skip
    for share in shares:
        if grid.cheap is not None and not cheap_seen and share * grid.cost >= cheap_cost:
            cheap_seen, spent = True, spent + cheap_cost
        cells = [cell for cell in grid.cells if not measured[cell]]
        left = share * grid.cost - spent
        if cells and left >= 1:
            belief = _belief(grid, measured, cheap_seen, random)
            worth = _worth(belief, grid, cells)
            likely = _likely(belief, grid, cells)
            offer = Offer(cells, worth, likely, grid.encoder_price, frozenset(paid), left)
            for row, column in choose(offer):
                spent += 1 + (0 if row in paid else grid.encoder_price)
                paid.add(row)
                measured[row, column] = True
        belief = _belief(grid, measured, cheap_seen, random)
        yield float(share), grid.regret(belief.trust)


def _belief(grid: Grid, measured: np.ndarray, cheap: bool, random: np.random.Generator) -> Belief:
    predictors, priors = [], []
    if grid.similarity is not None:
        predictors.append(grid.similarity)
        priors.append((SLOPE, SLOPE_DEVIATION))
    if cheap and grid.cheap is not None:
        predictors.append(grid.cheap)
        priors.append((CHEAP, CHEAP_DEVIATION))
    seen = np.where(measured, grid.gains, np.nan)
    return believe(seen, predictors, random, SCENARIOS, priors)


def _worth(belief: Belief, grid: Grid, cells: Sequence[Pair]) -> np.ndarray:
    """(cells, scenarios) What measuring a cell would gain its target, in the target's own units.

    A target takes the row that is trusted most, `first`. Measuring another cell pays where it
    turns out better than the first is believed to be; measuring the first pays where it turns out
    worse than the second (the knowledge gradient: Frazier, Powell & Dayanik 2009).
    """
    trust = np.where(np.isfinite(grid.gains), belief.trust, -np.inf)
    order = np.argsort(-trust, axis=0, kind="stable")
    columns = np.arange(len(grid.columns))
    best, next_best = belief.mean[order[0], columns], belief.mean[order[1], columns]
    row, column = np.array(cells).T
    drawn = belief.draws[:, row, column]
    is_first = order[0][column] == row
    beyond = np.where(is_first, next_best[column] - drawn, drawn - best[column])
    return np.maximum(beyond / belief.scale[column], 0.0).T


def _likely(belief: Belief, grid: Grid, cells: Sequence[Pair]) -> np.ndarray:
    """(cells,) How near a cell is to being the best, in deviations of what is believed of it."""
    best = np.where(np.isfinite(grid.gains), belief.mean, -np.inf).max(axis=0)
    row, column = np.array(cells).T
    away = belief.mean[row, column] - best[column]
    return away / np.maximum(belief.deviation[row, column], 1e-12)


def _deterministic(grid: Grid, shares: np.ndarray) -> Iterator[tuple]:
    """Rivals without chance: in the order of similarity, and of popularity."""
    popular = _popularity(grid)
    orders = {"most popular": popular}
    if grid.similarity is not None:
        orders["similarity"] = grid.similarity
    for strategy, order in orders.items():
        for share, regret in _in_order(grid, _ranked(grid, order), shares, order):
            yield strategy, share, regret, np.nan, np.nan, 1


def _popularity(grid: Grid) -> np.ndarray:
    """(rows, columns) Mean gain of a row over all *other* columns, each standardised.

    It is read off the whole grid, so that this rival knows more than any plan could.
    """
    mean, spread = np.nanmean(grid.gains, axis=0), np.nanstd(grid.gains, axis=0)
    scaled = (grid.gains - mean) / np.where(spread > 0, spread, 1.0)
    counts, sums = np.isfinite(scaled).sum(axis=1), np.nansum(scaled, axis=1)
    own = np.isfinite(scaled)
    others = np.maximum(counts[:, None] - own, 1)
    return (sums[:, None] - np.where(own, scaled, 0.0)) / others


def _ranked(grid: Grid, order: np.ndarray) -> list[Pair]:
    """Every target's first by `order`, then every target's second, and so on."""
    ranked = []
    for column in range(len(grid.columns)):
        rows = np.flatnonzero(np.isfinite(grid.gains[:, column]))
        values = np.where(np.isfinite(order[rows, column]), order[rows, column], -np.inf)
        best = rows[np.argsort(-values, kind="stable")]
        ranked += [(rank, column, int(row)) for rank, row in enumerate(best)]
    return [(row, column) for _, column, row in sorted(ranked)]


def _in_order(
    grid: Grid, cells: Sequence[Pair], shares: np.ndarray, otherwise: np.ndarray
) -> Iterator[tuple[float, float]]:
    """Share and regret when cells are run in this order for as long as the money lasts."""
    measured = np.zeros(grid.gains.shape, dtype=bool)
    paid: set[int] = set()
    queue, spent = list(cells), 0.0
    for share in shares:
        while queue:
            row, column = queue[0]
            price = 1 + (0 if row in paid else grid.encoder_price)
            if spent + price > share * grid.cost + 1e-9:
                break
            queue.pop(0)
            paid.add(row)
            spent += price
            measured[row, column] = True
        # The best of what is measured, whatever it is; where nothing is, the order's first.
        best = np.where(measured, grid.gains, -np.inf)
        yield float(share), grid.regret(np.where(measured.any(axis=0), best, otherwise))


def _random(grid: Grid, shares: np.ndarray, seed: int) -> list[tuple]:
    """Rows drawn at random, each with all its cells, and cells drawn at random."""
    random = np.random.default_rng(seed)
    blank = np.zeros(grid.gains.shape)
    curves_of: list[tuple] = []
    for strategy in ("random rows", "random cells"):
        curves = []
        for _ in range(RANDOM_DRAWS):
            if strategy == "random rows":
                rank = random.permutation(len(grid.rows))
                cells = sorted(grid.cells, key=lambda cell: (rank[cell[0]], cell[1]))
            else:
                cells = _ranked(grid, random.random(grid.gains.shape))
            curves.append([regret for _, regret in _in_order(grid, cells, shares, blank)])
        low, high = np.quantile(curves, [0.05, 0.95], axis=0)
        means = np.mean(curves, axis=0)
        curves_of += [
            (strategy, *values, RANDOM_DRAWS)
            for values in zip(shares, means, low, high, strict=True)
        ]
    return curves_of


def replay_grid(
    gains: Path,
    similarity: Path | None,
    cheap: Path | None,
    names: Mapping[str, str],
    measure: str | None,
    baseline: str | None,
    lower_is_better: bool,
    **prices: float,
) -> tuple[Grid, list[str]]:
    """The grid in files, and sentences on what was left out or assumed; see `answer_table`.

    Raises:
        StudyError: a file or a column is missing or holds what it must not.
    """
    full = read_gains(read_table(gains), names, baseline, lower_is_better)
    similar = None
    if similarity is not None:
        table, primary = read_similarity(read_table(similarity), names, measure)
        similar = table[table["measure"] == primary]
    low = None
    if cheap is not None:
        low = read_gains(read_table(cheap), names, baseline, lower_is_better).rows
    grid = grid_of(full.rows, similar, low, **prices)
    problems = list(full.problems)
    absent = int(np.isnan(grid.gains).sum())
    if absent:
        problems.append(f"{absent} pairs have no gain in the table and cannot be chosen.")
    return grid, problems


def written(table: pd.DataFrame, output: Path) -> list[dict[str, object]]:
    """The rows of a replay, once they are written to `output` as TSV.

    Raises:
        StudyError: the file cannot be written.
    """
    try:
        write_tsv(output, *rows_of(table), numbers=".6g")
    except OSError as error:
        raise StudyError(f"--output: cannot write {output} ({error.strerror}).") from None
    return [{str(name): value for name, value in row.items()}
            for row in table.to_dict("records")]  # fmt: skip
