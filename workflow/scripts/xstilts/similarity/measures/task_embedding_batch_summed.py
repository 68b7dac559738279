"""TaskEmb as published: Fisher information from gradients that are summed over batches first."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from xstilts.core.errors import StudyError
from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class TaskEmbeddingBatchSummed(Measure):
    """Which weights whole batches of two tasks' labelled examples would move."""

    compares = "task_batch_summed"
    is_labelled = True

    def check_settings(self, settings: Mapping[str, Any]) -> None:
        """At least four batches, of which two make a half."""
        batch, examples = settings["batch_examples"], settings["labelled_examples"]
        if 4 * batch > examples:
            raise StudyError(
                f"config, key 'similarity.batch_examples': {examples} labelled_examples make fewer "
                f"than four batches of {batch}, too few for an interval; set it to "
                f"{examples // 4} or less, or leave task_embedding_batch_summed out of "
                "similarity.measures."
            )

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """Nothing is fitted."""
        from xstilts.similarity.measures.methods.mean_cosine import MeanCosine

        return MeanCosine()


MEASURE = TaskEmbeddingBatchSummed()
