"""What a measure of similarity is: everything about it that differs from other measures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

    from xstilts.similarity.comparison import Comparison, Dyad
    from xstilts.similarity.resampling import Sample


class Fitted(Protocol):
    """A measure that is fitted on all tasks together and then compares any two."""

    def summarise(self, sample: Sample) -> Any:
        """What `compare` needs of one task, for every mask of its sample."""

    def compare(self, one: Any, other: Any) -> np.ndarray:
        """Similarity of two tasks, float64 [masks]; larger is more similar."""


class Measure(Protocol):
    """A measure between two tasks.

    Attributes:
        compares: what of a task: its sentence embeddings (text), its texts, the segments of its
            examples, or its Fisher information (task, task_batch_summed); see `Samples.of`.
        is_labelled: whether that is made of labelled training examples, and not of texts.
        has_languages: whether it can be taken of a target in each of its languages as well.
        reads_runs: whether it compares what intermediate runs left, and not the two tasks.
    """

    compares: str = "text"
    is_labelled: bool = False
    has_languages: bool = False
    reads_runs: bool = False

    def check_settings(self, settings: Mapping[str, Any]) -> None:
        """Whether the config's section `similarity` allows it.

        Raises:
            StudyError: it does not.
        """
        return

    @abstractmethod
    def fit(self, samples: list[Sample], seed: int) -> Fitted:
        """The measure fitted on the samples of all tasks."""

    def of_dyads(self, name: str, comparison: Comparison) -> dict[Dyad, np.ndarray | None]:
        """Values of every pair of an intermediate and a target task, float64 [masks].

        `name` is that of the measure; None stands for a pair of which it cannot be known.
        """
        return comparison.compared(name, self)
