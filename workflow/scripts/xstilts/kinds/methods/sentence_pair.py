"""What the kinds share whose example is two sentences in one sequence, with a label or a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.kinds.protocol import Decode, TrainedKind, Translate

if TYPE_CHECKING:
    import numpy as np

    from xstilts.data.examples import TwoSentences
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.inputs import Inputs, States


class SentencePair(TrainedKind):
    """A pair is one sequence; what it is labelled by is a column of its name."""

    text_parts = ("first", "second")

    def tokenised(self, examples: Sequence[TwoSentences], encoder: SegmentEncoder) -> list[dict]:
        """Both sentences in one sequence."""
        from xstilts.data.tokenise import pairs

        rows = zip(examples, pairs(examples, encoder), strict=True)
        return [row | self._labelled(example) for example, row in rows]

    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """A point is a pair, its two segments pooled apart, and its label or score."""
        from xstilts.encoders.pooling import segments

        return segments(states).cpu().numpy(), inputs.column(self.labelled_by)[chosen]

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        """The two sentences."""
        ((first, second),) = decode(record["input_ids"], record["second"])
        return {"first": [first], "second": [second]}

    def translated_rows(
        self, examples: Sequence[TwoSentences], translate: Translate, settings: dict, how: Counter
    ) -> list[dict]:
        """Both sentences, label as it is; a pair of which nothing is left is dropped."""
        texts = translate([text for pair in examples for text in (pair.first, pair.second)])
        rows = []
        for example, first, second in zip(examples, texts[::2], texts[1::2], strict=True):
            empty = not (first and second)
            how["empty translation" if empty else "translated"] += 1
            if not empty:
                row = {"id": example.example_id, "first": first, "second": second}
                rows.append(row | self._labelled(example))
        return rows

    def _labelled(self, example: TwoSentences) -> dict:
        return {self.labelled_by: getattr(example, self.labelled_by)}
