"""Sentence pairs with one label (NLI, paraphrase)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.methods.one_label import OneLabel
from xstilts.kinds.protocol import Decode, Translate

if TYPE_CHECKING:
    import numpy as np

    from xstilts.data.examples import Pair
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.inputs import Inputs, States


class PairClassification(OneLabel):
    """A pair is one sequence, its label one of the task's."""

    shape = Shape({"first": "text", "second": "text", "label": "name"})
    text_parts = ("first", "second")
    translated_fields = ("first", "second", "label")

    def example(self, row: dict, label: Label) -> Pair:
        """A row with first, second, label."""
        from xstilts.data.examples import pair

        return pair(row, label)

    def tokenised(self, examples: Sequence[Pair], encoder: SegmentEncoder) -> list[dict]:
        """Both sentences in one sequence."""
        from xstilts.data.tokenise import pairs

        rows = zip(examples, pairs(examples, encoder), strict=True)
        return [row | {"label": example.label} for example, row in rows]

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
        from xstilts.kinds.methods.translated_pairs import translated_pairs

        return [
            row | {"label": example.label}
            for example, row in translated_pairs(examples, translate, how)
        ]


KIND = PairClassification()
