"""A sample of a task's labelled training examples, as units that kinds of tasks compute with."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xstilts.core.draws import hash_order
from xstilts.core.receipts import read_receipt
from xstilts.encoders.batching import Units
from xstilts.encoders.inputs import Inputs
from xstilts.kinds import TrainedKind, trained_kind_of


@dataclass(frozen=True)
class Labelled:
    """Labelled units of one task.

    Attributes:
        kind: its kind.
        inputs: the English training split.
        units: all units of that split.
        chosen: indices of the sampled units, in an order that only their ids and a seed decide.
        labels: label names.
    """

    kind: TrainedKind
    inputs: Inputs
    units: Units
    chosen: np.ndarray
    labels: list[str]


def labelled_sample(
    data: Path,
    activations: Path | None,
    frozen_layers: int,
    kind_name: str,
    count: int,
    seed: int,
) -> Labelled:
    """At most `count` units (pairs, questions, sentences, windows) of the prepared task in `data`.

    Examples come in the order of the hashes of their ids, so that neither a file's order nor a
    larger sample changes which come first.
    """
    kind = trained_kind_of(kind_name)
    inputs = Inputs(data, "train", activations, frozen_layers)
    units = kind.training_units(inputs)
    ids = inputs.split.table["example_id"].to_pylist()
    rank = np.empty(len(ids), dtype=int)
    rank[hash_order(seed, ids)] = np.arange(len(ids))
    chosen = np.argsort(rank[inputs.split.example[units.first]], kind="stable")[:count]
    return Labelled(kind, inputs, units, chosen, read_receipt(data)["labels"] or [])
