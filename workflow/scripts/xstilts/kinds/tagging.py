"""One tag per word (parts of speech, names, supertags), read at the word's first subword."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from xstilts.data.row_kind import Label, Shape
from xstilts.kinds.protocol import Decode, TrainedKind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import torch
    from torch import nn

    from xstilts.data.examples import Tagged
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.encoders.inputs import Inputs, States

IGNORED = -100


class Tagging(TrainedKind):
    """A sentence has a sequence, or several if it is long; answers are tags joined by blanks."""

    shape = Shape({"tokens": "texts", "tags": "names"})
    labelled_by = "tags"
    joins_labels = True
    data_settings = ("long_sentences",)
    text_parts = ("words",)
    # One and the same tag for every word makes no name, so that its span F1 is 0.
    untrained_is_chance = True

    def example(self, row: dict, label: Label) -> Tagged:
        """A row with tokens and tags."""
        from xstilts.data.examples import tagged

        return tagged(row, label)

    def tokenised(self, examples: Sequence[Tagged], encoder: SegmentEncoder) -> list[dict]:
        """Sequences of words, with the token that stands for each."""
        from xstilts.data.tokenise import tagged

        return tagged(examples, encoder)

    def prepared_columns(self) -> pa.Schema:
        """Per word: label, sequence, and index of its token there (-1, -1: it has none)."""
        import pyarrow as pa

        from xstilts.data.store import prepared_schema

        integers = pa.list_(pa.int32())
        return prepared_schema(labels=integers, word_sequence=integers, word_position=integers)

    def label_indices(self, record: dict) -> list[int]:
        """The tags of all words."""
        return record["labels"]

    def remarks(self, example: Tagged, record: dict) -> dict[str, int]:
        """Words without a token, tokens that are no words, tags that count as another one."""
        return {
            "words have a tag that counts as another one (merged_labels of the sheet)": (
                example.merged
            ),
            "words have no token": record["word_sequence"].count(-1),
            "multiword tokens (tag _) left out, their words kept": example.multiword,
        }

    def build_head(
        self, hidden_size: int, labels: list[str], how: str, dropout: float
    ) -> nn.Module:
        """One logit per tag at every token."""
        from torch import nn

        return nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden_size, len(labels)))

    def loss(
        self, head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        """Mean cross-entropy over the words of the batch that have a token; 0 if none has."""
        import numpy as np
        from torch.nn import functional

        from xstilts.encoders.transfer import onto
        from xstilts.kinds.methods.word_positions import words_of

        words = words_of(inputs)
        target = np.full(states.mask.shape, IGNORED, dtype=np.int64)
        for row, sequence in enumerate(chosen):
            here = words.of(sequence)
            target[row, words.position[here]] = words.tag[here]
        logits = head(states.hidden).float()
        flat = onto(target, logits.device).view(-1)
        logits = logits.view(len(flat), -1)
        total = functional.cross_entropy(logits, flat, ignore_index=IGNORED, reduction="sum")
        return total / max(1, int((target != IGNORED).sum()))

    def loss_terms(self, inputs: Inputs, chosen: np.ndarray) -> int:
        """Words of a batch that have a token."""
        from xstilts.kinds.methods.word_positions import words_of

        begin = words_of(inputs).begin
        return int((begin[chosen + 1] - begin[chosen]).sum())

    def outputs(
        self, head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> list[np.ndarray]:
        """Likeliest tag at each word of each sequence, in the order of the words."""
        from xstilts.kinds.methods.word_positions import words_of

        words = words_of(inputs)
        best = head(states.hidden).argmax(-1).cpu().numpy()
        return [best[row, words.position[words.of(seq)]] for row, seq in enumerate(chosen)]

    def predictions_and_golds(
        self, outputs: Sequence[np.ndarray], inputs: Inputs, trained: list[str], labels: list[str]
    ) -> tuple[list[str], list[str]]:
        """Predicted and gold tags of each sentence, joined by spaces.

        A word without a token (an unknown control character, say) has no prediction: it gets `O`
        where that is a tag, else the first tag.
        """
        import numpy as np

        from xstilts.kinds.methods.word_positions import words_of

        gold = inputs.column("labels")
        missing = trained.index("O") if "O" in trained else 0
        predicted = np.full(len(gold), missing)
        predicted[words_of(inputs).word] = np.concatenate(outputs)
        offsets = inputs.split.table["labels"].combine_chunks().offsets.to_numpy()
        return _joined(predicted, trained, offsets), _joined(gold, labels, offsets)

    def constant_answers(self, golds: list[str]) -> list[str]:
        """The commonest tag for every word."""
        counts = Counter(tag for gold in golds for tag in gold.split(" "))
        best = min(counts, key=lambda tag: (-counts[tag], tag), default="")
        return [" ".join([best] * len(gold.split(" "))) for gold in golds]

    def distinct_answers(self, answers: list[str]) -> set[str]:
        """All tags."""
        return {tag for tags in answers for tag in tags.split(" ")}

    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """A point is a word and its tag."""
        import numpy as np

        from xstilts.kinds.methods.word_positions import words_of

        words, hidden = words_of(inputs), states.hidden.cpu().numpy()
        own = [words.of(sequence) for sequence in chosen]
        features = [hidden[row, words.position[here]] for row, here in enumerate(own)]
        return np.concatenate(features), np.concatenate([words.tag[here] for here in own])

    def text_segments(self, record: dict, decode: Decode) -> dict[str, list[str]]:
        """The sentence."""
        sequences = decode(record["input_ids"], record["second"])
        return {"words": [" ".join(words for words, _ in sequences)]}


def _joined(tags: np.ndarray, names: list[str], offsets: np.ndarray) -> list[str]:
    import numpy as np

    named = np.array(names, dtype=object)[tags]
    return [" ".join(named[a:b]) for a, b in itertools.pairwise(offsets)]


KIND = Tagging()
