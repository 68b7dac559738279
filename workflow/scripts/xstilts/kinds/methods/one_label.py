"""What all kinds share whose example is one sequence with one label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.kinds.protocol import TrainedKind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import torch

    from xstilts.encoders.inputs import Inputs, States
    from xstilts.encoders.pooling import Pooled


class OneLabel(TrainedKind):
    """The label of a sequence is one of the task's; a head reads one vector of it."""

    labelled_by = "label"
    reads_one_vector = True
    needs_every_class = True

    def prepared_columns(self) -> pa.Schema:
        """The index of the label."""
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        return prepared_schema(label=pa.int32())

    def label_indices(self, record: dict) -> list[int]:
        """The only one."""
        return [record["label"]]

    def build_head(self, hidden_size: int, labels: list[str], how: str, dropout: float) -> Pooled:
        """One logit per label."""
        from xstilts.encoders.pooling import Pooled

        return Pooled(hidden_size, len(labels), how, dropout)

    def loss(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        """Mean cross-entropy over the sequences."""
        import numpy as np
        from torch.nn import functional

        from xstilts.encoders.transfer import onto

        labels = inputs.column("label")[chosen]
        target = onto(labels.astype(np.int64), states.hidden.device)
        return functional.cross_entropy(head(states).float(), target)

    def outputs(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> list[int]:
        """Index of the likeliest label of each sequence."""
        return head(states).argmax(1).tolist()

    def predictions_and_golds(
        self, outputs: Sequence[int], inputs: Inputs, trained: list[str], labels: list[str]
    ) -> tuple[list[str], list[str]]:
        """Names of predicted (among the `trained` labels) and gold labels."""
        gold = inputs.column("label")
        return [trained[index] for index in outputs], [labels[index] for index in gold]
