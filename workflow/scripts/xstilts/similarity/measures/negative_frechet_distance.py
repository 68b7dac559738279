"""Fréchet distance of sentence embeddings (Dowson and Landau 1982)."""

from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class NegativeFrechet(Measure):
    """How far apart the Gaussians of two tasks' sentences are."""

    has_languages = True

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """The directions in which they are compared."""
        from xstilts.similarity.measures.methods.frechet import NegativeFrechetDistance

        return NegativeFrechetDistance.fit(samples)


MEASURE = NegativeFrechet()
