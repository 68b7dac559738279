import tracemalloc
from itertools import product

import numpy as np
import pytest
from scipy import sparse

from mixed_models.denominator_df import kenward_roger
from mixed_models.fit import RandomTerm, fit
from mixed_models.random_terms import cross_products, indicator

RANDOM = np.random.default_rng(5)
ROWS = 60


def terms_of(levels: int, others: int, block: str | None) -> list[RandomTerm]:
    """An effect and a slope of the largest factor, the same of a second, and an effect of a
    third."""
    codes = [RANDOM.integers(0, k, ROWS) for k in (levels, others, 3)]
    for each, k in zip(codes, (levels, others, 3), strict=True):
        each[:k] = np.arange(k)
    x = RANDOM.normal(size=ROWS)
    return [
        RandomTerm("pair", codes[0], block=block),
        RandomTerm("x|pair", codes[0], x, block=block),
        RandomTerm("task", codes[1], block=block),
        RandomTerm("x|task", codes[1], x, block=block),
        RandomTerm("language", codes[2]),
    ]


@pytest.fixture(params=[None, "together"], ids=["independent", "correlated"])
def model(request):
    """Moments, ratios, and Z and V written out."""
    terms = terms_of(20, 5, request.param)
    design = np.column_stack([np.ones(ROWS), RANDOM.normal(size=ROWS)])
    moments = cross_products(RANDOM.normal(size=ROWS), design, terms)
    ratios = np.array(
        [0.3 + 0.1 * k if part.is_variance else 0.05 for k, part in enumerate(moments.components)]
    )
    named = {term.name: term for term in terms}
    columns = [indicator(named[name], np.ones(ROWS))[0] for name in moments.names]
    z = sparse.hstack(columns).toarray()
    together = np.zeros((z.shape[1], z.shape[1]))
    start = 0
    for covariance in moments.covariances(ratios):
        size = moments.blocks[start].stop - moments.blocks[start].start
        whole = np.kron(covariance, np.eye(size))
        place = slice(moments.blocks[start].start, moments.blocks[start].start + len(whole))
        together[place, place] = whole
        start += len(covariance)
    return moments, ratios, z, np.eye(ROWS) + z @ together @ z.T


def test_it_is_the_kernel_written_out(model):
    moments, ratios, z, v = model
    dense = z.T @ np.linalg.solve(v, z)
    kernel = moments.kernel(ratios)
    rows = RANDOM.normal(size=(2, z.shape[1]))
    for found, expected in ((kernel, dense), (kernel.less(rows), dense - rows.T @ rows)):
        for a, b in product(moments.blocks, repeat=2):
            right = RANDOM.normal(size=(b.stop - b.start, 3))
            np.testing.assert_allclose(found.times((a, b), right), expected[a, b] @ right)
            np.testing.assert_allclose(
                found.times((a, b), right[:, 0]), expected[a, b] @ right[:, 0]
            )


def test_sums_and_traces_are_those_written_out(model):
    moments, ratios, z, v = model
    expected = z.T @ np.linalg.solve(v, z)
    kernel = moments.kernel(ratios)
    for one, two in product(moments.components, repeat=2):
        (a, b), (c, d) = (
            (moments.blocks[part.first], moments.blocks[part.second]) for part in (one, two)
        )
        assert kernel.trace((a, b)) == pytest.approx(np.trace(expected[a, b]))
        for left, right in (((b, c), (a, d)), ((b, d), (a, c))):
            whole = np.sum(expected[left] * expected[right])
            assert kernel.sum_of_products(left, right) == pytest.approx(whole)


def test_thousands_of_levels_need_no_matrix_of_them():
    levels = 4000
    codes = np.repeat(np.arange(levels), 3)
    x = RANDOM.normal(size=len(codes))
    y = RANDOM.normal(size=levels)[codes] + RANDOM.normal(size=len(codes))
    terms = [RandomTerm("pair", codes), RandomTerm("x|pair", codes, x)]
    terms.append(RandomTerm("task", codes % 50))
    found = fit(y, np.column_stack([np.ones(len(x)), x]), terms)
    tracemalloc.start()
    kenward_roger(found, np.array([0.0, 1.0]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # One matrix of 8,000 by 8,000 alone is 512 MB.
    assert peak < 60e6
