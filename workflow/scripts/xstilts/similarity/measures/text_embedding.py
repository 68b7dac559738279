"""TextEmb: cosine of mean sentence embeddings (Vu et al. 2020)."""

from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class TextEmbedding(Measure):
    """Where the means of two tasks' sentences lie."""

    has_languages = True

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """Nothing is fitted."""
        from xstilts.similarity.measures.methods.mean_cosine import MeanCosine

        return MeanCosine()


MEASURE = TextEmbedding()
