"""From the gradient of a batch to moved weights, and when their numbers are looked at."""

import math

import torch
from torch import Tensor, nn

from xstilts.training.lean_weights import LeanWeights
from xstilts.training.optimiser import AdamW

# clip_grad_norm_ adds it to the norm that it divides by.
TINY = 1e-6


class PlainUpdate:
    """Clip, look at loss and norm, and step: the GPU is waited for in every step.

    Attributes:
        reads_every: after how many steps losses and norms are read.
    """

    reads_every = 1

    def __init__(self, model: nn.Module, optimiser: AdamW, clip: float | None) -> None:
        """`clip` is the largest norm of a gradient; None does not clip."""
        self.model, self.optimiser, self.clip = model, optimiser, clip

    def clear(self) -> None:
        """Before the first backward pass of a step."""

    def gather(self) -> None:
        """After each backward pass."""

    def refresh(self) -> None:
        """After the weights were changed by anything but a step."""

    def release(self) -> None:
        """When training has ended."""

    def step(self, loss: Tensor, share: float) -> Tensor:
        """Move the weights at this share of their peak rates, unless loss or norm is not finite.

        Returns [2] on the device: loss, and norm of the gradient before it was clipped.
        """
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.clip or math.inf)
        seen = torch.stack([loss, norm])
        if all(map(math.isfinite, seen.tolist())):
            self.optimiser.step(share)
        return seen


class LeanUpdate(PlainUpdate):
    """The same without waiting: the optimiser clips, and skips a step that is not finite.

    Losses and norms stay on the device. A run that diverged is found out some steps later, when
    batches in between have moved its weights on; nothing is kept of them.
    """

    # Each read has the GPU wait for the processor, how long was not measured. A run that has
    # diverged wastes 31 steps at most.
    reads_every = 32

    def __init__(
        self, model: nn.Module, optimiser: AdamW, clip: float | None, narrow: bool
    ) -> None:
        """As `PlainUpdate`; with `narrow` linear layers are computed in bfloat16."""
        super().__init__(model, optimiser, clip)
        self.trained = list(model.parameters())
        self.weights = LeanWeights(model, narrow)

    def clear(self) -> None:
        """As `PlainUpdate.clear`."""
        self.weights.clear()

    def gather(self) -> None:
        """As `PlainUpdate.gather`."""
        self.weights.gather()

    def refresh(self) -> None:
        """As `PlainUpdate.refresh`."""
        self.weights.refresh()

    def release(self) -> None:
        """As `PlainUpdate.release`."""
        self.weights.release()

    @torch.no_grad()
    def step(self, loss: Tensor, share: float) -> Tensor:
        """As `PlainUpdate.step`."""
        norm = nn.utils.get_total_norm([p.grad for p in self.trained if p.grad is not None])
        seen = torch.stack([loss, norm])
        bad = (~torch.isfinite(seen).all()).float()
        scale = None if self.clip is None else ((norm + TINY) / self.clip).clamp(min=1.0)
        self.optimiser.step(share, divisor=scale, skip=bad)
        self.weights.refresh()
        return seen
