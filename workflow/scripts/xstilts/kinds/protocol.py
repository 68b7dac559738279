"""What a kind of task is: everything about it that differs from other kinds.

Methods import numpy, pyarrow and torch themselves, so that a study is planned without them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from xstilts.data.row_kind import RowKind

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import torch
    from torch import nn

    from xstilts.data.columns import Read
    from xstilts.data.row_faults import Faults
    from xstilts.data.special_tokens import SegmentEncoder
    from xstilts.data.split_rows import Unit
    from xstilts.encoders.batching import Units
    from xstilts.encoders.inputs import Inputs, States

Decode = Callable[[list[list[int]], list[int]], list[tuple[str, str]]]
"""From sequences and where their second segments begin to the texts of both segments."""
Translate = Callable[[Sequence[str]], list[str]]
"""From English sentences to those of another language, in their order."""


class Kind(RowKind, Protocol):
    """A kind of task that data are prepared of.

    Attributes:
        data_settings: training settings of a task, `maximum_length` aside, that decide its tokens.
        text_parts: parts that `text_segments` gives, joined in this order where a study chooses
            none in `similarity.text`.
        sides: names of the English and the other side where examples are single sentences of two
            sides, in the column `side`; else None.
        is_trained: whether a run trains a head of this kind; then it is a `TrainedKind`.
        reads_one_vector: whether its head reads one vector of a sequence, by the task's `head`.
    """

    data_settings: Sequence[str] = ()
    text_parts: Sequence[str]
    sides: tuple[str, str] | None = None
    is_trained: bool = False
    reads_one_vector: bool = False

    def examples(
        self, unit: Unit, recipe: dict, names: list[str] | None, read: Read, faults: Faults
    ) -> Iterator[Any]:
        """The examples of a split in one language, by default one per row.

        Args:
            unit: which part of which files.
            recipe: of the preparation.
            names: label names, if there are any.
            read: reads a part.
            faults: counts rows that cannot be used.
        """
        from xstilts.data.loading import load_all
        from xstilts.data.split_rows import choose

        loaded = load_all(unit, recipe, names, read, self)
        return choose(unit, loaded, recipe["sampling_seed"], faults)

    def faults_of_all(
        self, unit: Unit, recipe: dict, names: list[str] | None, read: Read, faults: Faults
    ) -> Faults:
        """The faults of all rows of a unit, of which `faults` are those of the rows drawn."""
        from xstilts.data.loading import load_all
        from xstilts.data.split_rows import faults_of_all

        loaded = load_all(unit, recipe, names, read, self)
        return faults_of_all(unit, loaded, recipe["sampling_seed"], faults.where)

    @abstractmethod
    def tokenised(self, examples: Sequence[Any], encoder: SegmentEncoder) -> list[dict]:
        """A record of the prepared data, language aside, per example."""

    @abstractmethod
    def prepared_columns(self) -> pa.Schema:
        """The schema of the prepared data."""

    def label_indices(self, record: dict) -> list[int]:
        """Indices of all labels of a record, which the receipt counts by name."""
        return []

    def remarks(self, example: Any, record: dict) -> dict[str, int]:
        """What is amiss with an example, or its record, and how many of its parts that concerns."""
        return {}

    def texts(self, example: Any) -> list[str]:
        """All texts of an example, in the order in which they are read.

        By these it is compared with those of other data sets; by default its `text_parts`.
        """
        parts = [getattr(example, part) for part in self.text_parts]
        return [part if isinstance(part, str) else " ".join(part) for part in parts]

    @abstractmethod
    def text_segments(self, record: dict, decode: Decode) -> Mapping[str, list[str]]:
        """The text of a record, read back from its tokens, by the names of `text_parts`."""


class TrainedKind(Kind, Protocol):
    """A kind of task that an encoder is fine-tuned on.

    Attributes:
        translated_fields: fields of a row that is translated by machine, in the order of the file;
            none where what a label stands on does not survive translation.
        untrained_is_chance: whether an untrained head may score above a constant answer, so that
            chance is the better of the two.
    """

    is_trained: bool = True
    translated_fields: Sequence[str] = ()
    untrained_is_chance: bool = False

    def training_units(self, inputs: Inputs) -> Units:
        """What a training step cannot divide: by default each sequence by itself."""
        import numpy as np

        from xstilts.encoders.batching import Units

        count = len(inputs.lengths)
        return Units(np.arange(count), np.ones(count, dtype=int), inputs.lengths)

    @abstractmethod
    def build_head(
        self, hidden_size: int, labels: list[str], how: str, dropout: float
    ) -> nn.Module:
        """A fresh head; `how` is a task's setting `head`: how a sequence becomes a vector."""

    @abstractmethod
    def loss(
        self, head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> torch.Tensor:
        """Mean loss of a batch; `chosen` are the units whose sequences `states` holds."""

    def loss_terms(self, inputs: Inputs, chosen: np.ndarray) -> int:
        """Over how many terms the loss of a batch is the mean: by default one for each unit."""
        return len(chosen)

    @abstractmethod
    def outputs(
        self, head: nn.Module, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> Sequence[Any]:
        """One plain object per unit of a batch, from which answers are made."""

    @abstractmethod
    def predictions_and_golds(
        self, outputs: Sequence[Any], inputs: Inputs, trained: list[str], labels: list[str]
    ) -> tuple[list[str], list[str]]:
        """Predicted and right answers as text, one per example, in the order of the split.

        Args:
            outputs: of all units.
            inputs: the split.
            trained: label names of the head's task.
            labels: label names of the split's task, which may count them differently.
        """

    def constant_answers(self, golds: list[str]) -> list[str]:
        """The best that one could answer without reading: by default the commonest right answer."""
        counts = Counter(golds)
        # A tie goes to the first by name, whatever the order of examples.
        best = min(counts, key=lambda answer: (-counts[answer], answer), default="")
        return [best] * len(golds)

    def distinct_answers(self, answers: list[str]) -> set[str]:
        """What is one and the same for all examples where a head has collapsed."""
        return set(answers)

    @abstractmethod
    def labelled_points(
        self, states: States, inputs: Inputs, chosen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """What LogME explains the labels by, of the units in a batch.

        Returns:
            float32 [points, d] features, and labels [points]: whole numbers, or scores as
            floating-point numbers.
        """

    def translated_rows(
        self, examples: Sequence[Any], translate: Translate, settings: dict, how: Counter
    ) -> list[dict]:
        """Examples in another language as rows of `translated_fields` and `id`.

        `settings` are the recipe's (align, likeness); `how` counts what came of the examples.
        """
        raise TypeError(f"{type(self).__name__} has translated_fields but no translated_rows")
