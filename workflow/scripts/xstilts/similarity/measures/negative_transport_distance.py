"""Sliced Wasserstein distance of sentence embeddings (Bonneel et al. 2015)."""

from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class NegativeTransport(Measure):
    """How far two tasks' sentences would have to be moved."""

    has_languages = True

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """The lines along which they are compared."""
        from xstilts.similarity.measures.methods.transport import NegativeTransportDistance

        return NegativeTransportDistance.fit(samples, seed)


MEASURE = NegativeTransport()
