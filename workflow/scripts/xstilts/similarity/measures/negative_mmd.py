"""Maximum mean discrepancy of sentence embeddings (Gretton et al. 2012)."""

from typing import TYPE_CHECKING

from xstilts.similarity.measures.protocol import Fitted, Measure

if TYPE_CHECKING:
    from xstilts.similarity.resampling import Sample


class NegativeMmd(Measure):
    """How far apart two tasks' sentences are as distributions, for a Gaussian kernel."""

    has_languages = True

    def fit(self, samples: "list[Sample]", seed: int) -> Fitted:
        """The kernel's bandwidth."""
        from xstilts.similarity.measures.methods.discrepancy import NegativeDiscrepancy

        return NegativeDiscrepancy.fit(samples)


MEASURE = NegativeMmd()
