"""Which layer of the encoder, pooled how, stands for a sentence: by config, or by what dev says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any, NamedTuple

POOLINGS = ("mean", "first")
DEV = "dev"


class LayerPooling(NamedTuple):
    """What is looked at of a sentence: a layer, counted from 1, and how its states are pooled.

    `mean` is over all tokens, special ones included (jiant's and XTREME's way); `first` is the
    state of the first token.
    """

    layer: int
    pooling: str


def all_views(first_layer: int, layers: int, pooling: str) -> list[LayerPooling]:
    """The views whose scores a receipt tells: all layers above the frozen ones, lowest first.

    `pooling` is one of `POOLINGS`, or `dev` for both.
    """
    poolings = POOLINGS if pooling == DEV else (pooling,)
    return [
        LayerPooling(layer, way) for way in poolings for layer in range(first_layer + 1, layers + 1)
    ]


@dataclass
class LayerScores:
    """Scores (0-100) of views by language, of one set of sentences."""

    scores: dict[LayerPooling, dict[str, float]] = field(default_factory=dict)

    def add(self, view: LayerPooling, language: str, score: float) -> None:
        """Note the score of a view in a language."""
        self.scores.setdefault(view, {})[language] = score

    def mean(self, view: LayerPooling) -> float:
        """Over languages; of none 0."""
        return fmean(self.scores.get(view, {}).values() or [0.0])

    def summary(self) -> list[dict[str, Any]]:
        """For the receipt: a row per view."""
        return [
            {**view._asdict(), "mean": round(self.mean(view), 4), "languages": languages}
            for view, languages in self.scores.items()
        ]


def choose(
    settings: Mapping[str, Any], views: list[LayerPooling], compared: LayerScores
) -> LayerPooling:
    """The view that the config names, or among those it leaves open the best on average.

    Of equal ones the highest layer, whose mean goes before the first state.

    Args:
        settings: the recipe's `retrieval`: layer (a number, null for the last, `dev`) and pooling.
        views: as `all_views` gives them.
        compared: their scores.
    """
    layer = settings["layer"] or max(view.layer for view in views)
    open_still = [view for view in views if layer in (DEV, view.layer)]
    return max(
        open_still,
        key=lambda view: (compared.mean(view), view.layer, -POOLINGS.index(view.pooling)),
    )


def is_open(settings: Mapping[str, Any]) -> bool:
    """Whether scores have a say in the view."""
    return DEV in (settings["layer"], settings["pooling"])
