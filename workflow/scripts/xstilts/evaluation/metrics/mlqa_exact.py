"""How many answers are a gold answer by MLQA's rules (Lewis et al. 2020)."""

from xstilts.evaluation import answers
from xstilts.evaluation.metrics.methods.answering import Answering


class MlqaExact(Answering):
    """See `answers.mlqa_exact`."""

    @property
    def paper_name(self) -> str:
        """As papers name it."""
        return "EM"

    def value(self, prediction: str, golds: list[str], language: str) -> float:
        """The best over the gold answers."""
        return answers.mlqa_exact(prediction, golds, language)


METRIC = MlqaExact()
