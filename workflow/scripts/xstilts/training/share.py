"""A share of a training set: the examples that a run at a lower fidelity learns from."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from xstilts.core.draws import hash_order
from xstilts.data.store import Split
from xstilts.encoders.batching import Units


def units_of_share(units: Units, split: Split, share: Mapping[str, Any] | None) -> np.ndarray:
    """[chosen] Numbers of the training units of a share of the examples, in order.

    Examples are ranked as those of a limit are (`draws.hash_rank`), so that a share's examples are
    among those of every larger share, and the same for every row of a grid.

    Args:
        units: of the whole training set.
        split: the training set.
        share: `of`, above 0 and below 1, and the `seed` of the sampling; None takes all.
    """
    if share is None:
        return np.arange(len(units.first))
    ids = split.table["example_id"].to_pylist()
    chosen = np.zeros(len(ids), dtype=bool)
    chosen[hash_order(share["seed"], ids)[: math.ceil(share["of"] * len(ids))]] = True
    # A unit's sequences are all of one example.
    return np.flatnonzero(chosen[split.example[units.first]])
