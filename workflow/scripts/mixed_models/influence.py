"""What a fit would say without some of its rows, in one step.

With the variances' ratios to the residual's kept as they are, leaving out the rows D is the same as
giving each a coefficient of its own (Cook & Weisberg 1982, Residuals and Influence in Regression;
for mixed models Christensen, Pearson & Johnson 1992, Technometrics 34). With E the columns of
these coefficients, d = (E' P E)^-1 E' P y,

    b without D = b - (X' V^-1 X)^-1 X' V^-1 E d.

That is exact for these ratios. `fit.fit` with `start` re-estimates them too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from .cross_products import square_root
from .fit import ProfileFit
from .random_terms import RandomTerm, indicator, weight_roots
from .threads import one_thread


@dataclass(frozen=True)
class LeftOut:
    """Without each of m groups of rows: beta (m, p) and its standard errors (m, p).

    NaN where the rest cannot tell the coefficients apart.
    """

    beta: np.ndarray
    standard_errors: np.ndarray


def leave_out(
    fit: ProfileFit,
    response: np.ndarray,
    design: np.ndarray,
    random: Sequence[RandomTerm],
    groups: np.ndarray,
    *,
    weights: np.ndarray | None = None,
) -> LeftOut:
    """Leaves out each group of rows in turn; `groups` (n,) are integers from 0 on.

    The other arguments are those that the model was fitted to.
    """
    with one_thread():
        problem = _Problem.of(fit, response, design, random, weights)
        levels = range(int(np.max(groups)) + 1)
        left_out = [problem.without(np.flatnonzero(groups == level)) for level in levels]
    beta, errors = zip(*left_out, strict=True)
    return LeftOut(np.array(beta), np.array(errors))


@dataclass(frozen=True, eq=False)
class _Problem:
    """random (n, q) = Z; kernel (q, q), V^-1 = I - Z kernel Z'; solved (n, p) = V^-1 X.

    information (p, p) = X' V^-1 X; projected (n,) = P y; all weighted.
    """

    fit: ProfileFit
    random: sparse.csr_array
    kernel: np.ndarray
    solved: np.ndarray
    information: np.ndarray
    projected: np.ndarray
    residual: float

    @classmethod
    def of(
        cls,
        fit: ProfileFit,
        response: np.ndarray,
        design: np.ndarray,
        random: Sequence[RandomTerm],
        weights: np.ndarray | None,
    ) -> "_Problem":
        roots = weight_roots(weights, fit.n)
        y, x = roots * np.asarray(response, float), roots[:, None] * np.asarray(design, float)
        terms = {term.name: term for term in random}
        columns = [indicator(terms[name], roots)[0] for name in fit.moments.names]
        z = sparse.hstack([sparse.csr_array((fit.n, 0)), *columns], format="csr")
        kernel = _kernel(fit, z)
        solved = x - z @ (kernel @ (z.T @ x))
        rest = y - x @ fit.beta
        projected = rest - z @ (kernel @ (z.T @ rest))
        return cls(fit, z, kernel, solved, x.T @ solved, projected, float(rest @ projected))

    def without(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Beta and standard errors, (p,) each, without these rows."""
        p = len(self.fit.beta)
        nothing = np.full(p, np.nan)
        freedom = self.fit.n - len(rows) - p * self.fit.reml
        if freedom < 1:
            return nothing, nothing
        z, fixed, score = self.random[rows].toarray(), self.solved[rows], self.projected[rows]
        own = np.eye(len(rows)) - z @ self.kernel @ z.T
        information = self.information - fixed.T @ np.linalg.solve(own, fixed)
        sizes = np.sqrt(np.diagonal(self.information))
        if np.linalg.eigvalsh(information / np.outer(sizes, sizes))[0] < 1e-10:
            return nothing, nothing
        step = np.linalg.solve(self.information, fixed.T)
        effects = np.linalg.solve(own - fixed @ step, score)
        variance = (self.residual - score @ effects) / freedom
        errors = np.sqrt(variance * np.diagonal(np.linalg.inv(information)))
        return self.fit.beta - step @ effects, errors


def _kernel(fit: ProfileFit, z: sparse.csr_array) -> np.ndarray:
    """T (I + T' Z'Z T)^-1 T', (q, q), T T' being the random effects' covariance."""
    moments, roots, start = fit.moments, [], 0
    for covariance in moments.covariances(fit.ratios):
        block = moments.blocks[start]
        levels = sparse.eye_array(block.stop - block.start)
        roots.append(sparse.kron(square_root(covariance), levels))
        start += len(covariance)
    if not roots:
        return np.zeros((0, 0))
    root = sparse.csr_array(sparse.block_diag(roots))
    inside = (root.T @ (z.T @ z) @ root).toarray()
    inside.flat[:: len(inside) + 1] += 1.0
    return root @ cho_solve(cho_factor(inside), root.T.toarray())
