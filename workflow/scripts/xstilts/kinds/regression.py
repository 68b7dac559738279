"""Sentence pairs with a score (STS-B: Cer et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.methods.sentence_pair import SentencePair

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import torch

    from xstilts.data.examples import ScoredPair
    from xstilts.encoders.inputs import Inputs, States
    from xstilts.kinds.methods.score_head import ScoreHead


class Regression(SentencePair):
    """A pair is one sequence, its score a number; answers are numbers as text."""

    shape = Shape({"first": "text", "second": "text", "score": "number"})
    labelled_by = "score"
    reads_one_vector = True
    translated_fields = ("first", "second", "score")
    # Of a constant no correlation is defined, and a random head on a good encoder has some.
    untrained_is_chance = True

    def example(self, row: dict, label: Label) -> ScoredPair:
        """A row with first, second, score."""
        from xstilts.data.examples import scored_pair

        return scored_pair(row)

    def prepared_columns(self) -> pa.Schema:
        """The score."""
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        return prepared_schema(score=pa.float64())

    def build_head(
        self, hidden_size: int, labels: list[str], how: str, dropout: float
    ) -> ScoreHead:
        """One number per pair, on a scale that the training scores set."""
        from xstilts.kinds.methods.score_head import ScoreHead

        return ScoreHead(hidden_size, how, dropout)

    def loss(
        self, head: ScoreHead, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        """Mean squared error over the pairs, in variances of the training scores."""
        import numpy as np
        from torch.nn import functional

        from xstilts.encoders.transfer import onto

        scores = inputs.column("score")
        head.set_scale(scores)
        wanted = onto(scores[chosen].astype(np.float32), states.hidden.device)
        return functional.mse_loss(head(states).float().squeeze(1), head.standardised(wanted))

    def outputs(
        self, head: ScoreHead, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> list[float]:
        """The score of each pair, in the units of the training scores."""
        return head.scores(head(states).float().squeeze(1)).tolist()

    def predictions_and_golds(
        self, outputs: Sequence[float], inputs: Inputs, trained: list[str], labels: list[str]
    ) -> tuple[list[str], list[str]]:
        """Scores as text: six digits of those predicted, gold ones as they came."""
        return [f"{score:.6g}" for score in outputs], [
            f"{gold:g}" for gold in inputs.column("score")
        ]

    def constant_answers(self, golds: list[str]) -> list[str]:
        """The mean score, the constant of least squared error; no correlation comes of it."""
        numbers = [float(gold) for gold in golds]
        return [f"{sum(numbers) / max(1, len(numbers)):.6g}"] * len(golds)

    def distinct_answers(self, answers: list[str]) -> set[str]:
        """Scores that differ by more than what rounding does to sums of another order."""
        return {f"{float(answer):.4g}" for answer in answers}


KIND = Regression()
