"""F1 of an answer's words (SQuAD: Rajpurkar et al. 2016)."""

from xstilts.evaluation import answers
from xstilts.evaluation.metrics.methods.answering import Answering


class AnswerF1(Answering):
    """See `answers.answer_f1`."""

    exact_partner = "answer_exact"

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "F1"

    def value(self, prediction: str, golds: list[str], language: str) -> float:
        """The best over the gold answers."""
        return answers.answer_f1(prediction, golds, language)


METRIC = AnswerF1()
