"""Pearson, Spearman and Matthews' correlation against SciPy, scikit-learn and naive resampling."""

import warnings

import numpy as np
import pytest
from scipy import stats

from helpers.intervals import difference_interval
from xstilts.core.errors import StudyError
from xstilts.evaluation.bootstrap import resampled_scores, side_by_side
from xstilts.evaluation.metrics import aggregate, contributions, metric_of

NAMES = ["pearson", "spearman", "matthews_correlation"]


def value(metric: str, predictions, golds) -> float:
    return aggregate(metric, contributions(metric, *texts(predictions, golds), "en"))


def texts(*sides) -> list[list[str]]:
    return [[str(item) for item in side] for side in sides]


def added(metric: str, predictions, golds) -> np.ndarray:
    return np.array(contributions(metric, *texts(predictions, golds), "en"))


def numbers(seed: int, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    golds = random.normal(3, 1, count)
    return golds * random.normal(0, 1) + random.normal(0, 1, count), golds


def labels(seed: int, classes: int, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    golds = random.integers(classes, size=count)
    return np.where(random.random(count) < 0.4, golds, random.integers(classes, size=count)), golds


def matthews(predictions: np.ndarray, golds: np.ndarray) -> float:
    """By definition: the correlation of the two indicator matrices (Gorodkin 2004, eq. 2)."""
    classes = np.unique([*predictions, *golds])
    one, other = (np.equal.outer(side, classes).astype(float) for side in (predictions, golds))
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    spread = np.sqrt((one**2).sum() * (other**2).sum())
    return 100 * (one * other).sum() / spread if spread else 0.0


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("decimals", [12, 0], ids=["all different", "ties"])
def test_numbers_equal_scipy(seed: int, decimals: int) -> None:
    predictions, golds = (np.round(side, decimals) for side in numbers(seed))
    expected = 100 * stats.pearsonr(predictions, golds).statistic
    assert value("pearson", predictions, golds) == pytest.approx(expected, abs=1e-9)
    expected = 100 * stats.spearmanr(predictions, golds).statistic
    assert value("spearman", predictions, golds) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("seed", range(4))
def test_labels_equal_scikit_learn_and_the_definition(classes: int, seed: int) -> None:
    predictions, golds = labels(seed, classes)
    ours = value("matthews_correlation", predictions, golds)
    assert ours == pytest.approx(matthews(predictions, golds))
    metrics = pytest.importorskip("sklearn.metrics")
    assert ours == pytest.approx(100 * metrics.matthews_corrcoef(golds, predictions))


def test_two_classes_by_hand() -> None:
    # Matthews 1975: TP 3, TN 2, FP 1, FN 1.
    golds, predictions = list("yyyynnn"), list("yyynynn")
    expected = (3 * 2 - 1 * 1) / np.sqrt(4 * 4 * 3 * 3)
    assert value("matthews_correlation", predictions, golds) == pytest.approx(100 * expected)


@pytest.mark.parametrize("metric", NAMES)
def test_right_and_opposite(metric: str) -> None:
    golds = [0, 1, 1, 0, 1]
    assert value(metric, golds, golds) == pytest.approx(100)
    assert value(metric, [1 - gold for gold in golds], golds) == pytest.approx(-100)


@pytest.mark.parametrize("metric", NAMES)
@pytest.mark.parametrize("constant", [0.1, 3, 1e9])
def test_what_does_not_vary_scores_nothing(metric: str, constant: float) -> None:
    golds = [0.1, 0.7, 0.2, 0.7, 0.3, 0.1, 0.1]
    assert value(metric, [constant] * 7, golds) == 0
    assert value(metric, golds, [constant] * 7) == 0
    assert value(metric, [constant] * 7, [constant] * 7) == 0
    assert value(metric, [], []) == 0 and value(metric, [1], [2]) == 0


def test_a_large_shift_costs_no_digits() -> None:
    predictions, golds = numbers(1)
    shifted = value("pearson", predictions, golds + 1e6)
    assert shifted == pytest.approx(value("pearson", predictions, golds), abs=1e-6)


def scored(metric: str, predictions: np.ndarray, golds: np.ndarray) -> float:
    """A resample's score by another library, 0 where nothing varies."""
    if metric == "matthews_correlation":
        return matthews(predictions, golds)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.ConstantInputWarning)
        statistic = stats.pearsonr(predictions, golds).statistic
    return 100 * float(np.nan_to_num(statistic))


@pytest.mark.parametrize("metric", NAMES)
@pytest.mark.parametrize("count", [4, 25])
def test_bootstrap_equals_naive_resampling(metric: str, count: int) -> None:
    made = labels if metric == "matthews_correlation" else numbers
    args = (3,) if metric == "matthews_correlation" else ()
    _, golds = made(0, *args, count=count)
    cells = [made(seed, *args, count=count)[0] for seed in (0, 1)]
    scores = resampled_scores(
        metric_of(metric), side_by_side([added(metric, one, golds) for one in cells]), 60, seed=9
    )
    drawn = np.random.default_rng(9).integers(count, size=(60, count))
    for column, predictions in enumerate(cells):
        sides = predictions, golds
        if metric == "spearman":  # of ranks in the whole set
            sides = tuple(stats.rankdata(side) for side in sides)
        naive = [scored(metric, *(side[rows] for side in sides)) for rows in drawn]
        np.testing.assert_allclose(scores[:, column], naive, atol=1e-8)


def test_cells_that_predict_other_classes_are_compared() -> None:
    golds = list("aabbab" * 10)
    wide = added("matthews_correlation", list("aabcad" * 10), golds)
    narrow = added("matthews_correlation", list("aabbaa" * 10), golds)
    assert (wide.shape[1], narrow.shape[1]) == (9, 5)
    metric = metric_of("matthews_correlation")
    gain, low, high = difference_interval(metric, narrow, wide, 400, seed=1)
    assert gain == pytest.approx(
        matthews(np.array(list("aabbaa" * 10)), np.array(golds))
        - matthews(np.array(list("aabcad" * 10)), np.array(golds))
    )
    assert low < gain < high


@pytest.mark.parametrize("metric", ["pearson", "spearman"])
@pytest.mark.parametrize("wrong", ["entailment", "nan", "inf", ""])
def test_what_is_no_number(metric: str, wrong: str) -> None:
    with pytest.raises(StudyError, match=f"needs numbers, and '{wrong}' is none"):
        contributions(metric, ["1.0", wrong], ["1", "2"], "en")
