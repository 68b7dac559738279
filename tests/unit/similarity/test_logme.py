"""LogME against the density of its Gaussian model, computed densely."""

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from xstilts.similarity.logme import evidence, log_evidence


def dense(features, column, alpha, beta):
    count = len(column)
    covariance = np.eye(count) / beta + features @ features.T / alpha
    return multivariate_normal(np.zeros(count), covariance).logpdf(column)


def decomposed(features, column):
    left, singular, _ = np.linalg.svd(features, full_matrices=False)
    inside = left.T @ column
    outside = np.array([column @ column - inside @ inside])
    return singular**2, inside[None] ** 2, outside, len(column)


@pytest.mark.parametrize("shape", [(30, 5), (12, 40), (10, 10)])
@pytest.mark.parametrize(("alpha", "beta"), [(1, 1), (0.1, 7), (30, 0.5)])
def test_density(shape, alpha, beta):
    random = np.random.default_rng(0)
    features, column = random.standard_normal(shape), random.standard_normal(shape[0])
    precisions = np.array([float(alpha)]), np.array([float(beta)])
    (found,) = evidence(*precisions, *decomposed(features, column))
    assert found == pytest.approx(dense(features, column, alpha, beta))


@pytest.mark.parametrize("shape", [(60, 5), (40, 60)])
def test_maximum_over_the_two_precisions(shape):
    random = np.random.default_rng(1)
    features = random.standard_normal(shape)
    labels = (features[:, 0] + random.standard_normal(shape[0]) > 0).astype(int)
    best = []
    for column in ((labels == 0).astype(float), (labels == 1).astype(float)):

        def cost(logs, column=column):
            return -dense(features, column, *np.exp(logs))

        best.append(
            -min(minimize(cost, start, method="Nelder-Mead").fun for start in [(0, 0), (2, 2)])
        )
    assert log_evidence(features, labels) == pytest.approx(np.mean(best) / shape[0], abs=1e-4)


def test_features_that_tell_the_labels_have_more_evidence():
    random = np.random.default_rng(2)
    labels = random.integers(0, 3, 90)
    telling = np.eye(3)[labels] + 0.3 * random.standard_normal((90, 3))
    blind = random.standard_normal((90, 3))
    assert log_evidence(telling, labels) > log_evidence(blind, labels) + 0.1


def test_names_of_labels_and_order_of_examples_do_not_matter():
    random = np.random.default_rng(3)
    features, labels = random.standard_normal((40, 6)), random.integers(0, 2, 40)
    order = random.permutation(40)
    found = log_evidence(features, labels)
    assert log_evidence(features[order], 7 * labels[order]) == pytest.approx(found)


@pytest.mark.parametrize("labels", [np.zeros(8, int), np.arange(8) % 2])
def test_finite_where_features_explain_everything(labels):
    assert np.isfinite(log_evidence(np.eye(8), labels))
    assert np.isfinite(log_evidence(np.zeros((8, 3)), labels))
