"""The table "do the models learn" against hand computation and simulation."""

import math

import numpy as np
import pytest

from xstilts.core.errors import StudyError
from xstilts.evaluation.learning import LEARNING, learning, standard_error
from xstilts.evaluation.scores import SCORES, table


def task(name: str = "mnli", role: str = "intermediate", **changes) -> dict:
    given = {"metric": "accuracy", "dev_score": 50.0, "n_dev": 96, "chance": 40.0}
    return {"task": name, "role": role} | given | changes


SCORED = table(
    [
        ("none", "ner", "en", 1, "span_f1", 80.0, 10, True),
        ("none", "ner", "en", 2, "span_f1", 84.0, 10, True),
        ("none", "ner", "sw", 1, "span_f1", 40.0, 10, True),
        ("none", "ner", "yo", 1, "span_f1", 10.0, 10, True),
        ("none", "ner", "yo", 2, "span_f1", 20.0, 10, True),
        ("none", "ner", "sw", 1, "tag_accuracy", 99.0, 10, False),
        ("mnli", "ner", "sw", 1, "span_f1", 90.0, 10, True),
        ("none", "tatoeba", "sw", 1, "retrieval_accuracy", 7.0, 10, True),
    ],
    SCORES,
)


def test_by_hand() -> None:
    found = learning([task()], SCORED)
    assert found.schema == LEARNING
    row = found.to_pylist()[0]
    # 48 + 2 of 96 + 4: a half, over 100 examples: 5 points.
    assert row["standard_error"] == pytest.approx(5)
    assert row["z"] == pytest.approx(2) and row["chance"] == 40 and row["n"] == 96
    assert row["english_test"] is None and row["other_languages"] is None


@pytest.mark.parametrize(
    ("score", "learned"), [(50.1, True), (49.9, False), (40, False), (10, False)]
)
def test_learned_is_two_errors_above_chance(score: float, learned: bool) -> None:
    row = learning([task(dev_score=score, standard_error=5.0)], SCORED).to_pylist()[0]
    assert row["learned"] is learned
    assert row["z"] == pytest.approx((score - 40) / 5)


def test_test_scores_are_the_baselines() -> None:
    ner, retrieval, same_name = learning(
        [task("ner", "target"), task("tatoeba", "target"), task("ner")], SCORED
    ).to_pylist()
    assert ner["english_test"] == 82
    assert ner["other_languages"] == pytest.approx((40 + 15) / 2)  # each language counts once
    assert retrieval["english_test"] is None and retrieval["other_languages"] == 7
    assert same_name["english_test"] is None


def test_extreme_scores_have_finite_z() -> None:
    for score in (0.0, 100.0):
        row = learning([task(dev_score=score, chance=50.0)], SCORED).to_pylist()[0]
        assert row["standard_error"] > 0 and math.isfinite(row["z"])
        assert row["learned"] is (score == 100)


def test_guessing_is_seldom_called_learned() -> None:
    random = np.random.default_rng(0)
    for n, chance in ((60, 50.0), (200, 25.0), (1000, 100 / 3)):
        scores = 100 * random.binomial(n, chance / 100, 4000) / n
        errors = np.array([standard_error(score, n) for score in scores])
        assert (((scores - chance) / errors) > 2).mean() < 0.04  # one-sided normal: 0.023


def test_error_bounds_partial_credit() -> None:
    """Values between 0 and 1 vary least where they are not all 0 or 1 (Bhatia & Davis 2000)."""
    values = np.random.default_rng(0).beta(2, 3, 400)
    assert standard_error(100 * values.mean(), 400) > 100 * values.std(ddof=1) / 20


def test_no_dev_examples() -> None:
    with pytest.raises(StudyError, match="mnli has no dev examples"):
        learning([task(n_dev=0)], SCORED)
