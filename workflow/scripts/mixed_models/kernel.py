"""Z' M Z of a mixed model without the rows times rows of its largest factor.

In `cross_products`' terms, M is V^-1 or P. Between effects of the largest factor it is a block a
level less a product of low rank; between all others it is small and written out. So a table of
thousands of pairs of tasks, with an effect and a slope each, needs megabytes and not gigabytes.
"""

from dataclasses import dataclass

import numpy as np

Block = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class Kernel:
    """The symmetric matrix K, (s m + r, s m + r), of m levels with s columns in the largest factor.

    Within the largest factor K is diagonal[a, b], (s, s, m), between its columns a and b, less
    low' low, with low (k, s m). beside (s m, r) and others (r, r) are the rest of it.
    """

    diagonal: np.ndarray
    low: np.ndarray
    beside: np.ndarray
    others: np.ndarray

    @property
    def _largest(self) -> int:
        return self.low.shape[1]

    def less(self, rows: np.ndarray) -> "Kernel":
        """K - rows' rows, with rows (p, s m + r)."""
        first, rest = rows[:, : self._largest], rows[:, self._largest :]
        return Kernel(
            self.diagonal,
            np.vstack([self.low, first]),
            self.beside - first.T @ rest,
            self.others - rest.T @ rest,
        )

    def times(self, block: Block, right: np.ndarray) -> np.ndarray:
        """K[block] @ right."""
        if not self._is_within(block):
            return self._dense(block) @ right
        first, second = (self.low[:, side] for side in block)
        diagonal = self._diagonal(block)
        own = diagonal * right if right.ndim == 1 else diagonal[:, None] * right
        return own - first.T @ (second @ right)

    def trace(self, block: Block) -> float:
        """The trace of K[block], between two columns of one factor."""
        if not self._is_within(block):
            return float(np.trace(self._dense(block)))
        left, right = (self.low[:, side] for side in block)
        return float(self._diagonal(block).sum() - np.vdot(left, right))

    def sum_of_products(self, block: Block, other: Block) -> float:
        """The sum over all entries of K[block] * K[other], blocks between the same factors."""
        if not self._is_within(block):
            return float(np.vdot(self._dense(block), self._dense(other)))
        (b, c), (a, d) = block, other
        low = self.low
        first, second = self._diagonal(block), self._diagonal(other)
        total = np.vdot(first, second)
        total -= np.vdot(first, np.einsum("km,km->m", low[:, a], low[:, d]))
        total -= np.vdot(second, np.einsum("km,km->m", low[:, b], low[:, c]))
        return float(total + np.vdot(low[:, b] @ low[:, a].T, low[:, c] @ low[:, d].T))

    def _is_within(self, block: Block) -> bool:
        return all(side.start < self._largest for side in block)

    def _diagonal(self, block: Block) -> np.ndarray:
        m = self.diagonal.shape[2]
        return self.diagonal[block[0].start // m, block[1].start // m]

    def _dense(self, block: Block) -> np.ndarray:
        """K[block] where one side is not of the largest factor."""
        rows, columns = block
        start = self._largest
        if rows.start < start:
            return self.beside[rows, columns.start - start : columns.stop - start]
        if columns.start < start:
            return self.beside[columns, rows.start - start : rows.stop - start].T
        return self.others[
            rows.start - start : rows.stop - start, columns.start - start : columns.stop - start
        ]
