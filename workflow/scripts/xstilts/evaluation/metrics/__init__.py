"""Metrics: each is one object `METRIC` in a file of its own, which nothing else names.

To add one, add a file: `protocol.Metric` says what it needs. A sheet may name it then. Nothing
heavy is imported here, since names of metrics are asked for while a study is planned.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from xstilts.core.errors import StudyError
from xstilts.core.objects import object_names, object_of
from xstilts.evaluation.metrics.protocol import Metric

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Metric", "aggregate", "contributions", "metric_names", "metric_of"]

# The `metrics` of a sheet are among these.
metric_names = partial(object_names, __name__)


def metric_of(name: str) -> Metric:
    """The metric that is called `name`; a StudyError if there is none."""
    return object_of("xstilts.evaluation.metrics.", name, "METRIC", "metric")


def contributions(
    metric: str, predictions: Sequence[str], golds: Sequence[str], language: str
) -> list[list[float]]:
    """What each example adds to the totals of `metric`, in the order given.

    `predictions` and `golds` are as in the predictions table: labels or ids, tags joined by blanks,
    numbers, or an answer and a JSON list of gold answers. `language` matters to MLQA's metrics
    only. All examples of a set are given at once.

    Raises:
        StudyError: unknown metric, unequal lengths, or a row that is not in the metric's form.
    """
    chosen = metric_of(metric)
    if len(predictions) != len(golds):
        raise StudyError(
            f"{len(predictions)} predictions came with {len(golds)} gold values; give one for each."
        )
    return chosen.contribute(predictions, golds, language).tolist()


def aggregate(metric: str, contributions: np.ndarray | Sequence[Sequence[float]]) -> float:
    """Score of `metric` from the contributions of a set, [examples, width]; 0.0 of no examples.

    Raises:
        StudyError: unknown metric, or one that takes other contributions.
    """
    return metric_of(metric).score(contributions)
