"""F1 of an answer's words by MLQA's rules for each language (Lewis et al. 2020)."""

from xstilts.evaluation import answers
from xstilts.evaluation.metrics.methods.answering import Answering


class MlqaF1(Answering):
    """See `answers.mlqa_f1`."""

    exact_partner = "mlqa_exact"

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "F1"

    def value(self, prediction: str, golds: list[str], language: str) -> float:
        """The best over the gold answers."""
        return answers.mlqa_f1(prediction, golds, language)


METRIC = MlqaF1()
