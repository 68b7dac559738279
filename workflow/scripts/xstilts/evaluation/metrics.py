"""The metrics by name: what each example contributes, and the score of a set of examples.

An example contributes one number (the score is their mean) or three counts, correct, predicted and
gold (the score is the F1 of the summed counts), so that any metric can be resampled from them.
"""

import json
from collections.abc import Callable, Sequence

import numpy as np

from xstilts.core.errors import StudyError, nearest
from xstilts.evaluation import answers, tags

Texts = Sequence[str]
Contributions = list[list[float]]


def _equal(predictions: Texts, golds: Texts, language: str) -> Contributions:
    return [[float(predicted == gold)] for predicted, gold in zip(predictions, golds, strict=True)]


def _pairs(predictions: Texts, golds: Texts, language: str) -> Contributions:
    """Mined pairs, one source sentence a row; an empty id is no pair."""
    return [
        [float(predicted == gold != ""), float(predicted != ""), float(gold != "")]
        for predicted, gold in zip(predictions, golds, strict=True)
    ]


def _tagging(count: Callable[..., np.ndarray]) -> Callable[..., Contributions]:
    def contribute(predictions: Texts, golds: Texts, language: str) -> Contributions:
        return count(*([text.split() for text in side] for side in (predictions, golds))).tolist()

    return contribute


def _answering(score: Callable[..., float]) -> Callable[..., Contributions]:
    def contribute(predictions: Texts, golds: Texts, language: str) -> Contributions:
        return [
            [score(predicted, _gold_answers(gold), language)]
            for predicted, gold in zip(predictions, golds, strict=True)
        ]

    return contribute


def _gold_answers(text: str) -> list[str]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise StudyError(
            f"The gold answers {text!r} are not a JSON list of strings; write [] for no answer."
        )
    return found


METRICS: dict[str, Callable[[Texts, Texts, str], Contributions]] = {
    "accuracy": _equal,
    "retrieval_accuracy": _equal,
    "mining_f1": _pairs,
    "span_f1": _tagging(tags.span_counts),
    "tag_f1": _tagging(tags.span_counts),
    "tag_accuracy": _tagging(tags.word_counts),
    "answer_f1": _answering(answers.answer_f1),
    "answer_exact": _answering(answers.answer_exact),
    "mlqa_f1": _answering(answers.mlqa_f1),
    "mlqa_exact": _answering(answers.mlqa_exact),
}


def contributions(metric: str, predictions: Texts, golds: Texts, language: str) -> Contributions:
    """What each example adds to `metric`: one number or three counts a row, in the order given.

    `predictions` and `golds` are as in the predictions table: labels or ids, tags joined by blanks,
    or an answer and a JSON list of gold answers. `language` matters to MLQA's metrics only.

    Raises:
        StudyError: unknown metric, unequal lengths, or a row that is not in the metric's form.
    """
    if metric not in METRICS:
        raise StudyError(f"There is no metric '{metric}'; {nearest(metric, METRICS)}")
    if len(predictions) != len(golds):
        raise StudyError(
            f"{len(predictions)} predictions came with {len(golds)} gold values; give one for each."
        )
    return METRICS[metric](predictions, golds, language)


def from_totals(totals: np.ndarray, examples: int) -> np.ndarray:
    """Scores (0-100) of summed contributions, [..., 1 or 3] -> [...]; F1 of no counts is 0."""
    if totals.shape[-1] == 1:
        return 100 * totals[..., 0] / examples
    both = totals[..., 1] + totals[..., 2]
    return 200 * totals[..., 0] / np.where(both > 0, both, 1)


def aggregate(contributions: np.ndarray) -> float:
    """Score (0-100) of contributions [n, 1] (mean) or [n, 3] (F1 of the sums); 0.0 for n = 0.

    Raises:
        StudyError: the array has neither one nor three columns.
    """
    contributions = np.asarray(contributions, float)
    if not contributions.size:
        return 0.0
    if contributions.ndim != 2 or contributions.shape[1] not in (1, 3):
        raise StudyError(
            f"Contributions of shape {contributions.shape}; give one number or three counts a row."
        )
    return float(from_totals(contributions.sum(axis=0), len(contributions)))
