"""Answers to questions against several gold answers."""

import json
from collections.abc import Callable

import numpy as np

from xstilts.core.errors import StudyError
from xstilts.evaluation.metrics.methods.mean import Mean, column
from xstilts.evaluation.metrics.protocol import Texts


class Answering(Mean):
    """The mean over questions; gold answers come as a JSON list of strings, [] for none."""

    def __init__(
        self, worth: Callable[[str, list[str], str], float], exact_partner: str | None = None
    ) -> None:
        """`worth` says what an answer is worth, 0 to 1, against gold answers in a language."""
        self.worth, self.exact_partner = worth, exact_partner

    @property
    def paper_name(self) -> str:
        """Papers print F1, and behind it the exact match that is its partner."""
        return "F1" if self.exact_partner else "EM"

    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """The worth of each answer, [questions, 1]."""
        pairs = zip(predictions, golds, strict=True)
        return column(
            self.worth(prediction, gold_answers(gold), language) for prediction, gold in pairs
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
