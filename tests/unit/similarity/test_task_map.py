"""Classical scaling finds points again from their distances."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from xstilts.similarity.task_map import classical_scaling, unit_distances


def test_distances_in_the_plane_are_kept():
    points = np.random.default_rng(0).standard_normal((9, 2)) * [3, 1]
    distances = cdist(points, points)
    found = classical_scaling(distances)
    np.testing.assert_allclose(cdist(found, found), distances, atol=1e-9)
    assert found[:, 0].var() > found[:, 1].var()
    np.testing.assert_allclose(classical_scaling(distances), found)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_tasks(count):
    points = np.eye(3)[:count]
    found = classical_scaling(unit_distances(points))
    assert found.shape == (count, 2)
    np.testing.assert_allclose(cdist(found, found), cdist(points, points), atol=1e-9)
