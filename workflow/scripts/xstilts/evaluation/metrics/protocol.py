"""What a metric is: what each example adds to totals, and the score of totals.

Totals are sums over examples, so that a bootstrap is one matrix product: how often each example is
drawn, times what it adds.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from xstilts.core.errors import StudyError

if TYPE_CHECKING:
    import numpy as np


Texts = Sequence[str]


class Metric(Protocol):
    """A metric, of which more is better: 0 to 100, or -100 to 100 of a correlation.

    Attributes:
        width: how many numbers an example adds; None where that depends on the set, and then
            columns of zeros on the right change no score.
        exact_partner: name of the metric that papers print behind this one, XTREME's score being
            the mean of both. Both are then means over examples, so that the mean of what an
            example adds to each scores as the mean of their scores.
    """

    width: int | None
    exact_partner: str | None = None

    @property
    @abstractmethod
    def paper_name(self) -> str:
        """As papers name it at the head of a column. A method, which is in no run's digest."""

    @property
    def has_unanswered(self) -> bool:
        """Whether some of what is asked has no answer, and leaving it unanswered is right then.

        Translations are mined where it is so; else each sentence gets the one most like it. A
        method, which is in no digest but of the runs that ask.
        """
        return False

    @abstractmethod
    def contribute(self, predictions: Texts, golds: Texts, language: str) -> np.ndarray:
        """What each example of a set adds, float [examples, width].

        Raises:
            StudyError: a row is not in the metric's form.
        """

    @abstractmethod
    def score_of_totals(self, totals: np.ndarray, examples: int | np.ndarray) -> np.ndarray:
        """Scores [...] of sums [..., width] over `examples` (an array: [...]), at least 1 each.

        Totals of a set that shows nothing (no counts, no variation) score 0.
        """

    def score(self, contributions: np.ndarray | Sequence[Sequence[float]]) -> float:
        """Score of the contributions of a set, [examples, width]; 0.0 of no examples.

        Raises:
            StudyError: an example adds more or fewer numbers than the metric takes.
        """
        import numpy as np

        added = np.asarray(contributions, float)
        if not added.size:
            return 0.0
        if added.ndim != 2 or not self.takes(added.shape[1]):
            raise StudyError(
                f"Contributions of shape {added.shape} are not those of {self.paper_name}, which "
                f"takes {self.width or 'any number of'} numbers a row; give it its own."
            )
        return float(self.score_of_totals(added.sum(axis=0), len(added)))

    def takes(self, width: int) -> bool:
        """Whether an example may add so many numbers."""
        return width > 0 if self.width is None else width == self.width
