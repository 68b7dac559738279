"""Answers to questions against several gold answers."""

import json
from abc import abstractmethod
from collections.abc import Sequence

import numpy as np

from xstilts.core.errors import StudyError
from xstilts.evaluation.metrics.methods.mean import Mean, column


class Answering(Mean):
    """The mean over questions; gold answers come as a JSON list of strings, [] for none."""

    @abstractmethod
    def value(self, prediction: str, golds: list[str], language: str) -> float:
        """What one answer is worth, 0 to 1."""

    def contribute(
        self, predictions: Sequence[str], golds: Sequence[str], language: str
    ) -> np.ndarray:
        """The worth of each answer, [questions, 1]."""
        pairs = zip(predictions, golds, strict=True)
        return column(
            self.value(prediction, gold_answers(gold), language) for prediction, gold in pairs
        )


def gold_answers(text: str) -> list[str]:
    """The gold answers of a question.

    Raises:
        StudyError: `text` is not a JSON list.
    """
    try:
        golds = json.loads(text)
    except ValueError:
        golds = None
    if not isinstance(golds, list):
        raise StudyError(
            f"The gold answers {text!r} are not a JSON list of strings; write [] for no answer."
        )
    return golds
