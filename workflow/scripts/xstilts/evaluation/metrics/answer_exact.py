"""How many answers are a gold answer word for word (SQuAD: Rajpurkar et al. 2016)."""

from xstilts.evaluation import answers
from xstilts.evaluation.metrics.methods.answering import Answering


class AnswerExact(Answering):
    """See `answers.answer_exact`."""

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "EM"

    def value(self, prediction: str, golds: list[str], language: str) -> float:
        """The best over the gold answers."""
        return answers.answer_exact(prediction, golds, language)


METRIC = AnswerExact()
