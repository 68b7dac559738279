"""TaskEmb: cosine of Fisher information from every example's gradient (Vu et al. 2020)."""

from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class TaskEmbedding(Measure):
    """Which weights two tasks' labelled examples would move."""

    compares = "task"
    is_labelled = True

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """Nothing is fitted."""
        from xstilts.similarity.measures.methods.mean_cosine import MeanCosine

        return MeanCosine()


MEASURE = TaskEmbedding()
