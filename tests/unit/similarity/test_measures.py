"""Each measure on samples whose answer is known."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.stats import wasserstein_distance

from xstilts.similarity.measures.methods.discrepancy import NegativeDiscrepancy
from xstilts.similarity.measures.methods.frechet import NegativeFrechetDistance
from xstilts.similarity.measures.methods.input_formats import FormatOverlap
from xstilts.similarity.measures.methods.mean_cosine import MeanCosine
from xstilts.similarity.measures.methods.transport import NegativeTransportDistance, _quantiles
from xstilts.similarity.measures.methods.vocabulary import VocabularyOverlap
from xstilts.similarity.resampling import Sample, halvings


def whole(points) -> Sample:
    return Sample(points, np.ones((1, len(points)), dtype=bool))


def gaussian(count, shift=0.0, width=8, seed=0, scale=1.0):
    points = scale * np.random.default_rng(seed).standard_normal((count, width))
    points[:, 0] += shift
    return whole(points)


def similarity(measure, one, other):
    return measure.compare(measure.summarise(one), measure.summarise(other))[0]


def fitted(samples):
    return {
        "mmd": NegativeDiscrepancy.fit(samples),
        "frechet": NegativeFrechetDistance.fit(samples),
        "transport": NegativeTransportDistance.fit(samples, seed=1),
    }


@pytest.mark.parametrize("name", ["mmd", "frechet", "transport"])
def test_nearer_gaussians_are_more_similar(name):
    samples = [gaussian(400, shift, seed=seed) for seed, shift in enumerate([0, 0.5, 1, 2])]
    measure = fitted(samples)[name]
    found = [similarity(measure, samples[0], other) for other in samples]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("name", ["frechet", "transport"])
def test_distance_of_a_sample_to_itself_is_nothing(name):
    sample = gaussian(60)
    assert similarity(fitted([sample])[name], sample, sample) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["mmd", "frechet", "transport"])
def test_symmetric(name):
    one, other = gaussian(50, 0), gaussian(70, 1, seed=3)
    measure = fitted([one, other])[name]
    assert similarity(measure, one, other) == pytest.approx(similarity(measure, other, one))


def test_discrepancy_is_unbiased_under_the_null():
    found = []
    for seed in range(60):
        one, other = gaussian(20, seed=2 * seed), gaussian(30, seed=2 * seed + 1)
        found.append(similarity(NegativeDiscrepancy(2.0), one, other))
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(len(found))


def test_discrepancy_of_shifted_gaussians_as_in_closed_form():
    # E k(x, y) for x - y ~ N(m, 2 I): (s² / (s² + 2))^(d / 2) exp(-|m|² / (2 (s² + 2))).
    shift, width, bandwidth = 1.5, 3, 1.2
    one, other = gaussian(1500, 0, width), gaussian(1500, shift, width, seed=1)
    within = (bandwidth**2 / (bandwidth**2 + 2)) ** (width / 2)
    across = within * np.exp(-(shift**2) / (2 * (bandwidth**2 + 2)))
    found = similarity(NegativeDiscrepancy(bandwidth), one, other)
    assert found == pytest.approx(2 * across - 2 * within, abs=0.02)


def test_discrepancy_by_the_definition():
    one, other = np.array([[0.0], [1.0], [3.0]]), np.array([[2.0], [2.5]])

    def kernel(x, y):
        return np.exp(-((x - y) ** 2) / 2)

    within = (kernel(0, 1) + kernel(0, 3) + kernel(1, 3)) / 3
    across = np.mean([kernel(x, y) for x in (0, 1, 3) for y in (2, 2.5)])
    expected = 2 * across - within - kernel(2, 2.5)
    found = similarity(NegativeDiscrepancy(1.0), whole(one), whole(other))
    assert found == pytest.approx(expected)


def test_median_heuristic():
    sample = whole(np.array([[0.0], [1.0], [3.0]]))
    assert NegativeDiscrepancy.fit([sample]).bandwidth == 2


def test_frechet_against_matrix_square_root():
    one = gaussian(300, 1, width=5)
    other = whole(gaussian(200, 0, width=5, seed=4).points @ np.diag([1, 2, 0.5, 3, 1]))
    measure = NegativeFrechetDistance.fit([one, other])
    a, b = np.cov(one.points.T), np.cov(other.points.T)
    squared = np.sum((one.points.mean(0) - other.points.mean(0)) ** 2)
    squared += np.trace(a + b - 2 * sqrtm(a @ b).real)
    assert similarity(measure, one, other) == pytest.approx(-np.sqrt(squared))


def test_transport_of_a_shift():
    # Each line sees the shift's component along it: on average |shift|² / d of its square.
    points = gaussian(100, width=6).points
    one, other = whole(points), whole(points + 3.0)
    measure = NegativeTransportDistance.fit([one], seed=1)
    expected = np.sqrt(np.mean((np.full(6, 3.0) @ measure.directions) ** 2))
    assert similarity(measure, one, other) == pytest.approx(-expected)
    assert expected == pytest.approx(3.0, rel=0.15)


def test_transport_on_a_line_against_scipy():
    random = np.random.default_rng(0)
    one, other = random.normal(0, 1, 320), random.normal(2, 1, 320)
    levels = (np.arange(320) + 0.5) / 320
    found = np.abs(_quantiles(one[:, None], levels) - _quantiles(other[:, None], levels)).mean()
    assert found == pytest.approx(wasserstein_distance(one, other))


def test_cosine_of_means():
    one, other = whole(np.array([[1.0, 0.0], [3.0, 0.0]])), whole(np.array([[1.0, 1.0]]))
    assert similarity(MeanCosine(), one, other) == pytest.approx(np.sqrt(0.5))
    assert similarity(MeanCosine(), one, one) == pytest.approx(1)


TEXTS = ["The cat sat.", "The dog ran!", "A cat ran"], ["xyz uvw", "uvw abc", "abc xyz def"]


def test_vocabularies_disjoint_and_equal():
    one, other = whole(TEXTS[0]), whole(TEXTS[1])
    measure = VocabularyOverlap.fit([one, other], seed=1)
    assert similarity(measure, one, other) == 0
    assert similarity(measure, one, one) == 1


def test_vocabulary_overlap_is_jaccard():
    one, other = whole(["a b c d"]), whole(["c D e f"])
    assert similarity(VocabularyOverlap.fit([one, other], 1), one, other) == pytest.approx(2 / 6)


def test_vocabulary_overlap_does_not_grow_with_the_sample():
    # Both from one language of 300 words: whole vocabularies of long texts would all but agree.
    random = np.random.default_rng(0)
    names = np.array([f"word{number}" for number in range(300)])
    short, long, longest = (
        whole([" ".join(random.choice(names, 10)) for _ in range(count)])
        for count in (20, 20, 2000)
    )
    measure = VocabularyOverlap.fit([short, long, longest], seed=1)
    assert measure.length == 200
    assert similarity(measure, short, longest) == pytest.approx(
        similarity(measure, short, long), abs=0.08
    )


def test_formats():
    pairs = whole([["one two", "three four"]] * 5)
    choices = whole([["one two", "a b", "c d", "e f", "g h"]] * 5)
    single = whole([["one two three four five six seven eight"]] * 5)
    assert similarity(FormatOverlap(), pairs, pairs) == pytest.approx(1)
    # Another number of texts, the same lengths.
    assert similarity(FormatOverlap(), pairs, choices) == pytest.approx(2 / 3)
    assert similarity(FormatOverlap(), pairs, single) == 0


@pytest.mark.parametrize("name", ["mmd", "frechet", "transport"])
def test_masks_give_what_the_chosen_points_alone_give(name):
    masks = [halvings(40, 3, seed=1, name=task) for task in ("one", "other")]
    points = [gaussian(40, shift, seed=shift).points for shift in (0, 1)]
    measure = fitted([whole(own) for own in points])[name]
    one, other = (Sample(own, mask) for own, mask in zip(points, masks, strict=True))
    together = measure.compare(measure.summarise(one), measure.summarise(other))
    for row in range(7):
        alone = [whole(own[mask[row]]) for own, mask in zip(points, masks, strict=True)]
        assert together[row] == pytest.approx(similarity(measure, *alone))
