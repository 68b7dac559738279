"""What is believed of a grid of gains of which a part is measured, as tables that may be true.

The rows of the grid are draws of one multivariate normal over its targets, whose mean follows
similarity and, where there are some, cheap measurements of the same cells. Mean and covariance come
from what is measured by expectation maximisation (Little & Rubin 2002, *Statistical Analysis with
Missing Data*, 11.2), the covariance shrunken to one in which any two targets are equally correlated
(an inverse Wishart prior), so that two rows suffice to begin with. A row that helped one target
is then believed in more for the targets that behave alike. What is estimated is taken as known, so
that the belief is somewhat too sure of itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

ITERATIONS = 25
# The correlation of two targets over rows, and the variance that predictors leave: the most likely
# of these, before anything is measured the first; they count as so many rows for each column.
CORRELATIONS = (0.3, 0.0, 0.1, 0.5, 0.7)
VARIANCES = (1.0, 0.75, 0.5, 0.3)
ROWS_PER_COLUMN = 2.0
# Before anything is measured, gain by similarity in standard deviations, and how sure of it one is.
# Correlations of similarity and gain in published grids are between 0 and 0.6.
SLOPE, SLOPE_DEVIATION = 0.35, 0.25
# A cheap measurement tells most of a full one (rank correlations 0.6 to 0.98 in published grids).
CHEAP, CHEAP_DEVIATION = 0.6, 0.3
# A column's mean lies so many of its standard deviations around that of what is measured.
MEAN_DEVIATION = 1.0
# A column's own spread counts against that of all columns as from so many cells.
CELLS = 2.0


@dataclass(frozen=True)
class Belief:
    """Gains, as believed.

    Attributes:
        mean: (rows, columns) expected gain; what is measured stands as measured.
        deviation: (rows, columns) how far off that may be; 0 for what is measured.
        draws: (scenarios, rows, columns) tables that may be the true one.
        scale: (columns,) standard deviation of gains within a column.
    """

    mean: np.ndarray
    deviation: np.ndarray
    draws: np.ndarray
    scale: np.ndarray

    @property
    def trust(self) -> np.ndarray:
        """(rows, columns) By which to take a row: an unmeasured one must be better for certain."""
        return self.mean - self.deviation


def believe(
    measured: np.ndarray, predictors: Sequence[np.ndarray], random: np.random.Generator,
    scenarios: int, priors: Sequence[tuple[float, float]],
) -> Belief:  # fmt: skip
    """The belief in a grid.

    Args:
        measured: (rows, columns) gains, NaN where there is none yet.
        predictors: (rows, columns) each, as similarity; NaN where unknown.
        random: for the draws.
        scenarios: how many tables to draw.
        priors: expected slope of each predictor and its standard deviation, in standard deviations
            of the gain within a column per standard deviation of the predictor within a column.
    """
    centre, scale = _units(measured)
    values = (measured - centre) / scale
    evidence = _Evidence(values, [_within(each) for each in predictors], priors)
    mean, covariance, slopes = _maximised(evidence)
    expected = evidence.expected(mean, slopes)
    centred, deviation, draws = _conditional(values, expected, covariance, random, scenarios)
    return Belief(centre + scale * centred, scale * deviation, centre + scale * draws, scale)


def _units(measured: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre and spread of each column, borrowed from all where it has few cells."""
    seen = np.isfinite(measured)
    counts = seen.sum(axis=0)
    sums = np.where(seen, measured, 0.0).sum(axis=0)
    overall = sums.sum() / counts.sum() if counts.sum() else 0.0
    centre = np.where(counts > 0, sums / np.maximum(counts, 1), overall)
    squares = (np.where(seen, measured - centre, 0.0) ** 2).sum(axis=0)
    freedom = np.maximum(counts - 1, 0)
    pooled = squares.sum() / freedom.sum() if freedom.sum() and squares.sum() > 0 else 1.0
    return centre, np.sqrt((squares + CELLS * pooled) / (freedom + CELLS))


def _within(values: np.ndarray) -> np.ndarray:
    """Standardised within columns; what is unknown, or equal in a column, stands at its mean."""
    seen = np.isfinite(values)
    counts = np.maximum(seen.sum(axis=0), 1)
    centred = np.where(seen, values - np.where(seen, values, 0.0).sum(axis=0) / counts, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / counts)
    return centred / np.where(spread > 1e-12, spread, 1.0)


@dataclass(frozen=True)
class _Evidence:
    """What means, slopes and covariance are estimated from.

    Attributes:
        values: (rows, columns) standardised gains, NaN where there is none.
        predictors: (rows, columns) each, standardised.
        priors: expected slope of each predictor and its standard deviation.
    """

    values: np.ndarray
    predictors: Sequence[np.ndarray]
    priors: Sequence[tuple[float, float]]

    @property
    def columns(self) -> int:
        """How many targets there are."""
        return self.values.shape[1]

    @cached_property
    def rows(self) -> list[int]:
        """Rows of which anything is measured."""
        return [row for row, values in enumerate(self.values) if np.isfinite(values).any()]

    def expected(self, mean: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """(rows, columns) What means and predictors alone make expect."""
        parts = (slope * each for slope, each in zip(slopes, self.predictors, strict=True))
        return mean + sum(parts, np.zeros(self.values.shape))

    def equations(self, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both sides of the normal equations of column means and slopes, with their priors."""
        columns, size = self.columns, self.columns + len(self.predictors)
        left, right = np.zeros((size, size)), np.zeros(size)
        for row in self.rows:
            seen = np.flatnonzero(np.isfinite(self.values[row]))
            design = np.zeros((len(seen), size))
            design[np.arange(len(seen)), seen] = 1.0
            for number, each in enumerate(self.predictors):
                design[:, columns + number] = each[row, seen]
            weighted = np.linalg.solve(covariance[np.ix_(seen, seen)], design).T
            left += weighted @ design
            right += weighted @ self.values[row, seen]
        precision, centre = self._prior()
        return left + np.diag(precision), right + precision * centre

    def _prior(self) -> tuple[np.ndarray, np.ndarray]:
        """Precision and centre of column means and slopes before anything is measured."""
        spreads = [spread for _, spread in self.priors]
        precision = np.concatenate([np.full(self.columns, MEAN_DEVIATION), spreads]) ** -2.0
        slopes = [slope for slope, _ in self.priors]
        return precision, np.concatenate([np.zeros(self.columns), slopes])


def _maximised(evidence: _Evidence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Column means (columns,), covariance (columns, columns) and slopes after some iterations."""
    columns, rows = evidence.columns, evidence.rows
    prior = _likeliest(evidence)
    mean, covariance, weight = np.zeros(columns), prior, ROWS_PER_COLUMN * columns
    slopes = np.array([slope for slope, _ in evidence.priors])
    for _ in range(ITERATIONS if rows else 0):
        # Generalised least squares, shrunken to the priors.
        solution = np.linalg.solve(*evidence.equations(covariance))
        mean, slopes = solution[:columns], solution[columns:]
        expected = evidence.expected(mean, slopes)
        scatter = weight * prior
        for row in rows:
            away, rest = _completed(evidence.values[row] - expected[row], covariance)
            scatter = scatter + np.outer(away, away) + rest
        covariance = scatter / (len(rows) + weight)
    return mean, covariance, slopes


def _likeliest(evidence: _Evidence) -> np.ndarray:
    """The most likely covariance in which any two columns are equally correlated."""
    columns = evidence.columns
    shapes = [
        variance * (np.full((columns, columns), correlation) + (1 - correlation) * np.eye(columns))
        for correlation in CORRELATIONS
        for variance in VARIANCES
    ]
    likelihoods = [_log_likelihood(evidence, shape) for shape in shapes]
    return shapes[int(np.argmax(likelihoods))]


def _log_likelihood(evidence: _Evidence, covariance: np.ndarray) -> float:
    """Of what is measured, with column means and slopes integrated out, up to a constant."""
    left, right = evidence.equations(covariance)
    total = 0.5 * (right @ np.linalg.solve(left, right) - np.linalg.slogdet(left)[1])
    for row in evidence.rows:
        seen = np.isfinite(evidence.values[row])
        away, own = evidence.values[row, seen], covariance[np.ix_(seen, seen)]
        total -= 0.5 * (away @ np.linalg.solve(own, away) + np.linalg.slogdet(own)[1])
    return total


def _completed(away: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A row's deviations with the unseen ones as expected, and their covariance."""
    seen = np.isfinite(away)
    gaps = ~seen
    filled, rest = np.where(seen, away, 0.0), np.zeros_like(covariance)
    if not seen.any():
        return np.zeros_like(away), covariance
    if gaps.any():
        weights = np.linalg.solve(covariance[np.ix_(seen, seen)], covariance[np.ix_(seen, gaps)]).T
        filled[gaps] = weights @ away[seen]
        rest[np.ix_(gaps, gaps)] = (
            covariance[np.ix_(gaps, gaps)] - weights @ covariance[np.ix_(seen, gaps)]
        )
    return filled, rest


def _conditional(
    values: np.ndarray,
    expected: np.ndarray,
    covariance: np.ndarray,
    random: np.random.Generator,
    scenarios: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every row given what is measured of it: mean, deviation, draws (scenarios, rows, columns)."""
    means, deviations = np.empty_like(expected), np.empty_like(expected)
    draws = np.empty((scenarios, *expected.shape))
    for row in range(len(values)):
        away, rest = _completed(values[row] - expected[row], covariance)
        means[row] = expected[row] + away
        deviations[row] = np.sqrt(np.clip(np.diag(rest), 0.0, None))
        roots, vectors = np.linalg.eigh(rest)
        factor = vectors * np.sqrt(np.clip(roots, 0.0, None))
        noise = random.standard_normal((scenarios, len(roots))) @ factor.T
        draws[:, row] = means[row] + noise
    return means, deviations, draws
