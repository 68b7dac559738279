"""Texts and a verdict on each: a kind of its own, whole, that shares nothing with the others."""

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

    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.inputs import Inputs, States
    from xstilts.encoders.pooling import Pooled


class Verdicts(TrainedKind):
    """A text is one sequence; an example is the tuple of its id, text and label."""

    shape = Shape({"sentence": "text", "label": "name"})
    labelled_by = "label"
    needs_every_class = True
    reads_one_vector = True
    text_parts = ("sentence",)
    translated_fields = ("sentence", "label")

    def example(self, row: dict, label: Label) -> tuple[str, str, int]:
        from xstilts.data.examples import text

        return row["example_id"], text(row, "sentence"), label(row["label"])

    def tokenised(self, examples: Sequence[tuple], encoder: SegmentEncoder) -> list[dict]:
        room = encoder.room(1)
        encoded = encoder.encode([text for _, text, _ in examples])
        return [
            {"example_id": name, "input_ids": [encoder.frame.alone(tokens[:room])],
             "second": [0], "label": label}
            for (name, _, label), tokens in zip(examples, encoded, strict=True)
        ]  # fmt: skip

    def prepared_columns(self) -> pa.Schema:
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        return prepared_schema(label=pa.int32())

    def texts(self, example: tuple[str, str, int]) -> list[str]:
        return [example[1]]

    def label_indices(self, record: dict) -> list[int]:
        return [record["label"]]

    def build_head(self, hidden_size: int, labels: list[str], how: str, dropout: float) -> Pooled:
        from xstilts.encoders.pooling import Pooled

        return Pooled(hidden_size, len(labels), how, dropout)

    def loss(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        import torch
        from torch.nn import functional

        target = torch.from_numpy(inputs.column("label")[chosen]).long().to(states.hidden.device)
        return functional.cross_entropy(head(states).float(), target)

    def outputs(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> list[int]:
        return head(states).argmax(1).tolist()

    def predictions_and_golds(
        self, outputs: Sequence[int], inputs: Inputs, trained: list[str], labels: list[str]
    ) -> tuple[list[str], list[str]]:
        gold = inputs.column("label")
        return [trained[index] for index in outputs], [labels[index] for index in gold]

    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        from xstilts.encoders.pooling import mean

        points = mean(states.hidden, states.mask).cpu().numpy()
        return points, inputs.column("label")[chosen]

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        ((text, _),) = decode(record["input_ids"], record["second"])
        return {"sentence": [text]}

    def translated_rows(
        self, examples: Sequence[tuple], translate: Translate, settings: dict, how: Counter
    ) -> list[dict]:
        texts = translate([text for _, text, _ in examples])
        how["translated"] += len(examples)
        return [
            {"id": name, "sentence": text, "label": label}
            for (name, _, label), text in zip(examples, texts, strict=True)
        ]


KIND = Verdicts()
