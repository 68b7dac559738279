"""Questions answered by a span of a passage, which is read in windows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.protocol import Decode, TrainedKind, Translate

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import torch
    from torch import nn

    from xstilts.data.examples import Question
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.inputs import Inputs, States

# Logit of a token that cannot begin or end an answer; finite, so that bfloat16 stays sane.
IMPOSSIBLE = -1e4
# Share of questions without an answer from which on "no answer" is one of the answers to choose
# from. In SQuAD 2.0 it is a third to a half (Rajpurkar et al. 2018); a few in a set in which each
# question has an answer are slips, which must not cost the other questions theirs.
NO_ANSWER_SHARE = 0.1


class SpanQA(TrainedKind):
    """A question has a sequence per window, the windows without an answer included."""

    shape = Shape(
        {"question": "text", "context": "text", "answers": "texts", "answer_start": "integers"}
    )
    labelled_by = "answers"
    data_settings = ("document_stride",)
    text_parts = ("question", "context")
    translated_fields = ("question", "context", "answers", "answer_start")
    untrained_is_chance = True

    def example(self, row: dict, label: Label) -> Question:
        """A row with question, context, answers, answer_start. An empty list means: no answer."""
        from xstilts.data.examples import question

        return question(row, label)

    def tokenised(self, examples: Sequence[Question], encoder: SegmentEncoder) -> list[dict]:
        """A sequence per window."""
        from xstilts.data.windows import questions

        return questions(examples, encoder)

    def prepared_columns(self) -> pa.Schema:
        """Where answer and passage are among the tokens of each window.

        Per window: gold tokens (`first` and `last`, inclusive; 0, 0 = not here) and first context
        token. Per window and context token: characters [start, end) in `context`, and BERT's
        maximum-context rule. Context and answers are as they came, since that is what others
        score predictions against.
        """
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        integers = pa.list_(pa.int32())
        return prepared_schema(
            context=pa.string(),
            answers=pa.list_(pa.string()),
            first=integers,
            last=integers,
            context_first=integers,
            char_start=pa.list_(integers),
            char_end=pa.list_(integers),
            max_context=pa.list_(pa.list_(pa.bool_())),
        )

    def remarks(self, example: Question, record: dict) -> dict[str, int]:
        """An answer that no window shows whole."""
        outside = bool(record["answers"]) and not any(record["first"])
        return {"answers lie wholly in no window": int(outside)}

    def build_head(
        self, hidden_size: int, labels: list[str], how: str, dropout: float
    ) -> nn.Module:
        """A start and an end logit at every token."""
        from torch import nn

        return nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden_size, 2))

    def loss(
        self, head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        """Mean of the cross-entropies of start and end; token 0 where the window has no answer."""
        import numpy as np
        from torch.nn import functional

        from xstilts.encoders.transfer import onto

        start, end = _logits(head, states)
        first, last = (
            onto(inputs.column(name)[chosen].astype(np.int64), start.device)
            for name in ("first", "last")
        )
        return (functional.cross_entropy(start, first) + functional.cross_entropy(end, last)) / 2

    def outputs(
        self, head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Start and end logits of each window, without padding."""
        start, end = _logits(head, states).cpu().numpy()
        lengths = inputs.lengths[chosen]
        return [(start[row, :size], end[row, :size]) for row, size in enumerate(lengths)]

    def predictions_and_golds(
        self,
        outputs: Sequence[tuple[np.ndarray, np.ndarray]],
        inputs: Inputs,
        trained: list[str],
        labels: list[str],
    ) -> tuple[list[str], list[str]]:
        """Best answer over all windows of each question; the accepted answers as a JSON list."""
        import numpy as np

        from xstilts.kinds.methods.span_decoding import best_answer

        table = inputs.split.table
        first = np.searchsorted(inputs.split.example, np.arange(table.num_rows + 1))
        empty = sum(not accepted for accepted in table["answers"].to_pylist())
        unanswerable = empty > NO_ANSWER_SHARE * table.num_rows
        predictions, golds = [], []
        for index, row in enumerate(table.to_pylist()):
            windows = outputs[first[index] : first[index + 1]]
            predictions.append(
                best_answer(
                    [start for start, _ in windows],
                    [end for _, end in windows],
                    row["context_first"],
                    row["char_start"],
                    row["char_end"],
                    row["max_context"],
                    row["context"],
                    null_threshold=0.0 if unanswerable else None,
                )
            )
            golds.append(json.dumps(row["answers"], ensure_ascii=False))
        return predictions, golds

    def constant_answers(self, golds: list[str]) -> list[str]:
        """No answer at all, since each passage has its own."""
        return [""] * len(golds)

    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The first token of an answer, or one other token of its passage, and which of the two."""
        import numpy as np

        hidden, second = states.hidden.cpu().numpy(), states.second.cpu().numpy()
        first, last = inputs.column("first")[chosen], inputs.column("last")[chosen]
        features, labels = [], []
        for row, (begin, end) in enumerate(zip(first, last, strict=True)):
            passage = np.arange(second[row], int(inputs.lengths[chosen[row]]) - 1)
            other = passage[(passage < begin) | (passage > end)]
            if begin and len(other):
                features += [hidden[row, begin], hidden[row, other[len(other) // 2]]]
                labels += [1, 0]
        width = hidden.shape[-1]
        return np.array(features, np.float32).reshape(-1, width), np.array(labels, dtype=int)

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        """The question and the whole passage."""
        from xstilts.data.unicode import compose

        ((asked, _),) = decode(record["input_ids"][:1], record["second"][:1])
        return {"question": [asked], "context": [compose(record["context"])]}

    def translated_rows(
        self, examples: Sequence[Question], translate: Translate, settings: dict, how: Counter
    ) -> list[dict]:
        """Question and passage, sentence by sentence, with the answer found again."""
        from xstilts.kinds.methods.translated_questions import translated_questions

        return translated_questions(examples, translate, settings, how)


def _logits(head: nn.Module, states: States) -> torch.Tensor:
    """[2, batch, length] logits; only the first token ("no answer") and the passage may win."""
    import torch

    position = torch.arange(states.mask.shape[1], device=states.mask.device)
    possible = states.mask & ((position >= states.second.unsqueeze(1)) | (position == 0))
    logits = head(states.hidden).float().permute(2, 0, 1)
    return logits.masked_fill(~possible, IMPOSSIBLE)


KIND = SpanQA()
