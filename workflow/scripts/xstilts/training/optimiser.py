"""AdamW with a linear schedule, on torch's functional form of it.

Constructing `torch.optim.AdamW` imports torch's compiler and sympy, 1 CPU second in every job and
more than many a job of a small study trains. The function is what the class calls: the weights
are equal bit for bit (tested).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.optim.adamw import adamw

# The class's own defaults.
BETA_MEAN, BETA_SQUARE, EPSILON = 0.9, 0.999, 1e-8


def learning_rate_at(step: int, steps: int, warmup: int) -> float:
    """Share of the peak learning rate: linear rise over `warmup` steps, linear fall to 0.

    The first step is 1 / warmup, not 0: a step at rate 0 would be lost.
    """
    if step < warmup:
        return (step + 1) / max(1, warmup)
    return max(0.0, (steps - step) / max(1, steps - warmup))


@dataclass(frozen=True)
class Group:
    """Parameters by name that share a peak learning rate and a weight decay."""

    parameters: dict[str, nn.Parameter]
    peak: float
    decay: float


def groups(model: nn.Module, settings: dict[str, Any]) -> list[Group]:
    """Encoder and heads at their own rates; no decay on biases and layer norms, as BERT does."""
    rate = settings["learning_rate"]
    rates = {"encoder": rate, "heads": settings["head_learning_rate"] or rate}
    made = []
    for part, peak in rates.items():
        named = [(f"{part}.{name}", p) for name, p in getattr(model, part).named_parameters()]
        for decayed in (True, False):
            chosen = {name: p for name, p in named if (p.ndim > 1) == decayed}
            made.append(Group(chosen, peak, settings["weight_decay"] if decayed else 0.0))
    return made


class AdamW:
    """AdamW (Loshchilov and Hutter 2019).

    Attributes:
        moments: `count/<name>`, `mean/<name>` and `square/<name>` of every parameter that had a
            gradient yet; the optimiser's whole state.
    """

    def __init__(self, parameters: Sequence[Group]) -> None:
        self.groups = parameters
        self.moments: dict[str, torch.Tensor] = {}

    @torch.no_grad()
    def step(
        self,
        share: float = 1.0,
        divisor: torch.Tensor | None = None,
        skip: torch.Tensor | None = None,
    ) -> None:
        """Move all parameters that have a gradient, at this share of their peak rates.

        A head whose task did not give the batch has none, and stays.

        Args:
            share: of the peak rates.
            divisor: a number on the device that gradients are divided by.
            skip: a number on the device; 1 leaves everything as it is, 0 does not.
        """
        for group in self.groups:
            moved = {name: p for name, p in group.parameters.items() if p.grad is not None}
            if not moved:
                continue
            adamw(
                list(moved.values()),
                [parameter.grad for parameter in moved.values()],
                [self._moment("mean", name, p) for name, p in moved.items()],
                [self._moment("square", name, p) for name, p in moved.items()],
                [],
                [self._moment("count", name, p) for name, p in moved.items()],
                fused=True,
                amsgrad=False,
                beta1=BETA_MEAN,
                beta2=BETA_SQUARE,
                lr=group.peak * share,
                weight_decay=group.decay,
                eps=EPSILON,
                maximize=False,
                grad_scale=divisor,
                found_inf=skip,
            )

    def _moment(self, kind: str, name: str, parameter: nn.Parameter) -> torch.Tensor:
        key = f"{kind}/{name}"
        if key not in self.moments:
            like = torch.zeros((), device=parameter.device) if kind == "count" else parameter
            self.moments[key] = torch.zeros_like(like)
        return self.moments[key]
