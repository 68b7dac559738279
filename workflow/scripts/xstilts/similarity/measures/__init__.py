"""One module per measure. Each is fitted on all tasks together and then compares any two.

A measure has
    summarise(sample)   -> what `compare` needs of one task, for every mask of the sample
    compare(one, other) -> float64 [masks]: similarity of two tasks; larger is more similar
"""

from typing import Any, Protocol

import numpy as np

from xstilts.similarity.resampling import Sample


class Measure(Protocol):
    """What every measure can do."""

    def summarise(self, sample: Sample) -> Any:
        """What `compare` needs of one task."""

    def compare(self, one: Any, other: Any) -> np.ndarray:
        """Similarity of two tasks, float64 [masks]."""
