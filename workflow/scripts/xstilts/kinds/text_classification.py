"""Single texts with one label (topics, sentiment, acceptability)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.methods.one_label import OneLabel
from xstilts.kinds.protocol import Decode, Translate

if TYPE_CHECKING:
    import numpy as np

    from xstilts.data.examples import Text
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.inputs import Inputs, States


class TextClassification(OneLabel):
    """A text is one sequence of one segment, its label one of the task's."""

    shape = Shape({"text": "text", "label": "name"})
    text_parts = ("text",)
    translated_fields = ("text", "label")

    def example(self, row: dict, label: Label) -> Text:
        """A row with text, label."""
        from xstilts.data.examples import labelled_text

        return labelled_text(row, label)

    def tokenised(self, examples: Sequence[Text], encoder: SegmentEncoder) -> list[dict]:
        """The text, cut at the maximum length."""
        from xstilts.data.tokenise import texts

        return texts(examples, encoder)

    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """A point is the mean of a text's states, and its label."""
        from xstilts.encoders.pooling import mean

        features = mean(states.hidden, states.mask).cpu().numpy()
        return features, inputs.column("label")[chosen]

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        """The text."""
        ((text, _),) = decode(record["input_ids"], record["second"])
        return {"text": [text]}

    def translated_rows(
        self, examples: Sequence[Text], translate: Translate, settings: dict, how: Counter
    ) -> list[dict]:
        """The text, label as it is; a text of which nothing is left is dropped."""
        rows = []
        texts = translate([example.text for example in examples])
        for example, text in zip(examples, texts, strict=True):
            how["translated" if text else "empty translation"] += 1
            if text:
                rows.append({"id": example.example_id, "text": text, "label": example.label})
        return rows


KIND = TextClassification()
