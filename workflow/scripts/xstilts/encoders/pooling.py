"""From token states to one vector per sequence."""

from torch import Tensor


def mean_pool(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean state over all tokens that are not padding, [batch, hidden].

    Special tokens count, as in the retrieval scripts of XTREME (Hu et al. 2020) and jiant.
    `hidden` [batch, length, hidden], `mask` bool [batch, length].
    """
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(1) / weights.sum(1).clamp(min=1)
