"""Sentence pairs with one label (NLI, paraphrase)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.protocol import Decode, TrainedKind, Translate

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import torch

    from xstilts.data.examples import Pair
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.inputs import Inputs, States
    from xstilts.encoders.pooling import Pooled


class PairClassification(TrainedKind):
    """A pair is one sequence, its label one of the task's."""

    shape = Shape({"first": "text", "second": "text", "label": "name"})
    labelled_by = "label"
    reads_one_vector = True
    needs_every_class = True
    text_parts = ("first", "second")
    translated_fields = ("first", "second", "label")

    def example(self, row: dict, label: Label) -> Pair:
        """A row with first, second, label."""
        from xstilts.data.examples import pair

        return pair(row, label)

    def tokenised(self, examples: Sequence[Pair], encoder: SegmentEncoder) -> list[dict]:
        """Both sentences in one sequence."""
        from xstilts.data.tokenise import pairs

        return pairs(examples, encoder)

    def prepared_columns(self) -> pa.Schema:
        """The index of the label."""
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        return prepared_schema(label=pa.int32())

    def label_indices(self, record: dict) -> list[int]:
        """That of the pair."""
        return [record["label"]]

    def build_head(self, hidden_size: int, labels: list[str], how: str, dropout: float) -> Pooled:
        """One logit per label."""
        from xstilts.encoders.pooling import Pooled

        return Pooled(hidden_size, len(labels), how, dropout)

    def loss(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        """Mean cross-entropy over the pairs."""
        import numpy as np
        import torch
        from torch.nn import functional

        labels = inputs.column("label")[chosen]
        target = torch.from_numpy(labels.astype(np.int64)).to(states.hidden.device)
        return functional.cross_entropy(head(states).float(), target)

    def outputs(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> list[int]:
        """Index of the likeliest label of each pair."""
        return head(states).argmax(1).tolist()

    def predictions_and_golds(
        self, outputs: Sequence[int], inputs: Inputs, trained: list[str], labels: list[str]
    ) -> tuple[list[str], list[str]]:
        """Names of predicted (among the `trained` labels) and gold labels."""
        gold = inputs.column("label")
        return [trained[index] for index in outputs], [labels[index] for index in gold]

    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """A point is a pair, its two segments pooled apart, and its label."""
        from xstilts.encoders.pooling import segments

        return segments(states).cpu().numpy(), inputs.column("label")[chosen]

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        """The two sentences."""
        ((first, second),) = decode(record["input_ids"], record["second"])
        return {"first": [first], "second": [second]}

    def translated_rows(
        self, examples: Sequence[Pair], translate: Translate, settings: dict, how: Counter
    ) -> list[dict]:
        """Both sentences, label as it is; a pair of which nothing is left is dropped."""
        texts = translate([text for one in examples for text in (one.first, one.second)])
        rows = []
        for one, first, second in zip(examples, texts[::2], texts[1::2], strict=True):
            empty = not (first and second)
            how["empty translation" if empty else "translated"] += 1
            if not empty:
                rows.append(
                    {"id": one.example_id, "first": first, "second": second, "label": one.label}
                )
        return rows


KIND = PairClassification()
