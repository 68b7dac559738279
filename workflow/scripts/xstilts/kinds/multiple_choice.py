"""Questions with several choices, one of them right; each choice is a sequence of its own."""

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

    from xstilts.data.examples import Choice
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.batching import Units
    from xstilts.encoders.inputs import Inputs, States
    from xstilts.encoders.pooling import Pooled


class MultipleChoice(TrainedKind):
    """All choices of a question are scored by the same weights."""

    shape = Shape({"endings": "texts", "label": "name"}, {"context": "text", "question": "text"})
    labelled_by = "label"
    # A place that is never right gives answers away, as in QuAIL's ordered file.
    needs_every_class = True
    reads_one_vector = True
    text_parts = ("context", "endings")
    translated_fields = ("context", "question", "endings", "label")

    def example(self, row: dict, label: Label) -> Choice:
        """A row with endings, label, and context or question or both."""
        from xstilts.data.examples import choice

        return choice(row, label)

    def texts(self, example: Choice) -> list[str]:
        """Context and question together, since many questions are asked of many contexts."""
        first = " ".join(text for text in (example.context, example.question) if text)
        return [first, *example.endings]

    def tokenised(self, examples: Sequence[Choice], encoder: SegmentEncoder) -> list[dict]:
        """A sequence per choice, in their order."""
        from xstilts.data.tokenise import choices

        return choices(examples, encoder)

    def prepared_columns(self) -> pa.Schema:
        """Which choice is right."""
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        return prepared_schema(label=pa.int32())

    def label_indices(self, record: dict) -> list[int]:
        """The right choice."""
        return [record["label"]]

    def training_units(self, inputs: Inputs) -> Units:
        """All choices of a question together, however many it has."""
        from xstilts.kinds.methods.choice_logits import questions_of

        return questions_of(inputs)

    def build_head(self, hidden_size: int, labels: list[str], how: str, dropout: float) -> Pooled:
        """One logit per choice, by the same weights for each."""
        from xstilts.encoders.pooling import Pooled

        return Pooled(hidden_size, 1, how, dropout)

    def loss(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        """Mean cross-entropy over the choices of each question."""
        import numpy as np
        from torch.nn import functional

        from xstilts.encoders.transfer import onto
        from xstilts.kinds.methods.choice_logits import questions_of, side_by_side

        labels = inputs.column("label")[chosen]
        target = onto(labels.astype(np.int64), states.hidden.device)
        scores = head(states).float().squeeze(1)
        counts = questions_of(inputs).count[chosen]
        return functional.cross_entropy(side_by_side(scores, counts), target)

    def outputs(
        self, head: Pooled, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> list[int]:
        """Index of the likeliest choice of each question."""
        from xstilts.kinds.methods.choice_logits import questions_of, side_by_side

        counts = questions_of(inputs).count[chosen]
        return side_by_side(head(states).squeeze(1), counts).argmax(1).tolist()

    def predictions_and_golds(
        self, outputs: Sequence[int], inputs: Inputs, trained: list[str], labels: list[str]
    ) -> tuple[list[str], list[str]]:
        """Names of predicted and right choices, both by the names that the split's task gives them.

        A choice is a place and no class: one head ranks two choices of COPA's and three of Social
        IQa's.
        """
        gold = inputs.column("label")
        return [labels[index] for index in outputs], [labels[index] for index in gold]

    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """A point is a choice, its two segments pooled apart, and whether it is right."""
        import numpy as np

        from xstilts.encoders.pooling import segments
        from xstilts.kinds.methods.choice_logits import questions_of

        counts = questions_of(inputs).count[chosen]
        right = np.zeros(counts.sum(), dtype=int)
        right[np.cumsum(counts) - counts + inputs.column("label")[chosen]] = 1
        return segments(states).cpu().numpy(), right

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        """The context with its question, and all choices."""
        both = decode(record["input_ids"], record["second"])
        return {"context": [both[0][0]], "endings": [ending for _, ending in both]}

    def translated_rows(
        self, examples: Sequence[Choice], translate: Translate, settings: dict, how: Counter
    ) -> list[dict]:
        """Context, question and every ending, each by itself."""
        texts = iter(
            translate(
                [
                    t
                    for example in examples
                    for t in (example.context, example.question, *example.endings)
                ]
            )
        )
        rows = []
        for example in examples:
            context, question = next(texts), next(texts)
            endings = [next(texts) for _ in example.endings]
            empty = not all(endings)
            how["empty translation" if empty else "translated"] += 1
            if not empty:
                row = {"id": example.example_id, "context": context, "question": question}
                rows.append(row | {"endings": endings, "label": example.label})
        return rows


KIND = MultipleChoice()
