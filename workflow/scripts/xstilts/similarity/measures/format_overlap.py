"""Overlap of the input formats of two tasks."""

from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class FormatOfTasks(Measure):
    """How alike the examples of two tasks are in number and length of their texts."""

    compares = "segments"

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """Nothing is fitted."""
        from xstilts.similarity.measures.methods.input_formats import FormatOverlap

        return FormatOverlap()


MEASURE = FormatOfTasks()
