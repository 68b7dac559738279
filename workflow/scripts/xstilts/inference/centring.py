"""What is left of numbers of pairs less the effects of both tasks, by least squares."""

import numpy as np


class TwoWay:
    """Row and column effects of pairs.

    The normal equations have one row a task, so that a table of thousands of pairs costs little.
    """

    def __init__(self, rows: np.ndarray, columns: np.ndarray) -> None:
        """`rows` and `columns` are (pairs,) integers from 0: the two tasks of each pair."""
        self.rows, self.columns = rows, columns
        self.sizes = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
        counts = np.zeros(self.sizes)
        np.add.at(counts, (rows, columns), 1.0)
        normal = np.block(
            [[np.diag(counts.sum(axis=1)), counts], [counts.T, np.diag(counts.sum(axis=0))]]
        )
        self._inverse = np.linalg.pinv(normal, rcond=1e-10, hermitian=True)
        self.rank = int(np.linalg.matrix_rank(normal, tol=1e-8, hermitian=True)) if len(rows) else 0

    def residual(self, values: np.ndarray) -> np.ndarray:
        """`values`, (pairs,) or (pairs, k), less the effects of both tasks."""
        # Twice: the second pass takes out what rounding left.
        return self._once(self._once(np.asarray(values, dtype=float)))

    def effects(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Effects of the rows and of the columns, of least length where they are not unique."""
        sums = np.concatenate(
            [
                _sums(values, codes, size)
                for codes, size in zip((self.rows, self.columns), self.sizes, strict=True)
            ]
        )
        effects = self._inverse @ sums
        return effects[: self.sizes[0]], effects[self.sizes[0] :]

    def _once(self, values: np.ndarray) -> np.ndarray:
        rows, columns = self.effects(values)
        return values - rows[self.rows] - columns[self.columns]


def _sums(values: np.ndarray, codes: np.ndarray, size: int) -> np.ndarray:
    sums = np.zeros((size, *values.shape[1:]))
    np.add.at(sums, codes, values)
    return sums
