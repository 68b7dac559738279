"""A head for scores, which learns them standardised."""

import numpy as np
import torch
from torch import nn

from xstilts.encoders.pooling import Pooled


class ScoreHead(Pooled):
    """One number per sequence, in standard deviations about the mean of the training scores.

    A bias that moves by its learning rate at each step would take hundreds of steps to the mean of
    scores from 0 to 5; correlations ask for none of that.

    Attributes:
        scale: mean and standard deviation of the training scores. A parameter that has no gradient,
            since it belongs to what a checkpoint of the head has to hold.
    """

    def __init__(self, hidden_size: int, how: str, dropout: float) -> None:
        super().__init__(hidden_size, 1, how, dropout)
        self.scale = nn.Parameter(torch.tensor([0.0, 1.0]), requires_grad=False)

    @torch.no_grad()
    def set_scale(self, scores: np.ndarray) -> None:
        """Take the scale of all scores of the training split; equal ones have a deviation of 1."""
        deviation = float(scores.std()) or 1.0
        self.scale.copy_(torch.tensor([float(scores.mean()), deviation]))

    def standardised(self, scores: torch.Tensor) -> torch.Tensor:
        """Scores on the scale that the head answers on."""
        return (scores - self.scale[0]) / self.scale[1]

    def scores(self, answers: torch.Tensor) -> torch.Tensor:
        """Answers of the head in the units of the scores."""
        return answers * self.scale[1] + self.scale[0]
