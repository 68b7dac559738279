"""A target's test sentences by language, and the scores of all its cells under resampling.

A score on XTREME's terms is a mean over languages, whose test sets often hold the same items in
translation. So items are drawn, not sentences: an item that is drawn counts in every language that
has it, and the interval knows that the languages vary together.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from xstilts.core.draws import half_of
from xstilts.core.errors import StudyError
from xstilts.evaluation.bootstrap import DRAWS_AT_ONCE, side_by_side, weights
from xstilts.evaluation.metrics import Metric, contributions, metric_of
from xstilts.evaluation.predictions import Predictions, read_predictions


@dataclass(frozen=True)
class ItemGroup:
    """One half of a target's sentences in one language.

    Attributes:
        language: which one.
        half: 0 or 1, by hash of the id, the same in all languages.
        ids: of the sentences, ascending.
        metric: of the target.
        values: their contributions to the score, [sentences, cells, width].
    """

    language: str
    half: int
    ids: np.ndarray
    metric: Metric
    values: np.ndarray

    def scores(self) -> np.ndarray:
        """Score (0-100) of each cell, [cells]."""
        return self.metric.score_of_totals(self.values.sum(axis=0), max(len(self.values), 1))


def read_groups(
    target: str,
    metric: str,
    paths: Sequence[str],
    halves: bool,
    languages: Collection[str] | None = None,
    *,
    with_exact: bool = True,
) -> list[ItemGroup]:
    """The sentences of `target` in all languages, with what each adds to the score of each cell.

    A question counts as the mean of F1 and exact match, or as its F1 alone.

    Args:
        target: its name.
        metric: its primary metric.
        paths: predictions of the cells; languages that not all of them have are left out.
        halves: cut each language in two, else all is half 0.
        languages: those to read; None: all.
        with_exact: XTREME's mean of the metric and its exact partner, else the metric alone.

    Raises:
        StudyError: two cells have different sentences, or predictions cannot be read.
    """
    primary = metric_of(metric)
    exact = primary.exact_partner if with_exact else None
    columns = ["example_id", *(("prediction", "gold") if exact else ())]
    by_language = [read_predictions(path, target, columns, primary, languages) for path in paths]
    strata = []
    for language in by_language[0]:
        if not all(language in cell for cell in by_language):
            continue
        parts = [_in_order(cell[language], exact, language) for cell in by_language]
        ids = parts[0][0]
        if any(not np.array_equal(ids, others) for others, _ in parts):
            raise StudyError(
                f"{target}, language {language}: cells have different sentences; "
                "predict all on the same prepared data."
            )
        values = side_by_side([values for _, values in parts])
        side = np.array([half_of(identifier) if halves else 0 for identifier in ids])
        for half in np.unique(side):
            here = side == half
            strata.append(ItemGroup(language, int(half), ids[here], primary, values[here]))
    return strata


def _in_order(
    predictions: Predictions, exact: str | None, language: str
) -> tuple[np.ndarray, np.ndarray]:
    values = predictions.contributions
    if exact:
        texts = predictions.texts("prediction"), predictions.texts("gold")
        values = (values + np.array(contributions(exact, *texts, language))) / 2
    order = pc.array_sort_indices(predictions.columns["example_id"])
    ids = np.array(predictions.columns["example_id"].take(order).to_pylist(), dtype=object)
    return ids, values[order.to_numpy()]


def resampled(strata: Sequence[ItemGroup], resamples: int, seed: int) -> np.ndarray:
    """Scores of each cell in each stratum under the same draws, [resamples, strata, cells]."""
    items = np.unique(np.concatenate([group.ids for group in strata]))
    rows_of = [np.searchsorted(items, group.ids) for group in strata]
    flat = [group.values.reshape(len(group.ids), -1) for group in strata]
    random = np.random.default_rng(seed)
    step = max(1, DRAWS_AT_ONCE // len(items))
    blocks = []
    for done in range(0, resamples, step):
        drawn = weights(len(items), min(step, resamples - done), random)
        scores = []
        for group, where, values in zip(strata, rows_of, flat, strict=True):
            taken = drawn[:, where]
            totals = (taken @ values).reshape(len(drawn), *group.values.shape[1:])
            # A small stratum may be drawn empty; its score is then 0, as that of no examples.
            examples = np.maximum(taken.sum(axis=1), 1)[:, None]
            scores.append(group.metric.score_of_totals(totals, examples))
        blocks.append(np.stack(scores, axis=1))
    return np.concatenate(blocks)


def over_seeds(scores: np.ndarray, rows: Sequence[str]) -> dict[str, np.ndarray]:
    """Mean over the cells (last axis) of each intermediate task; `rows` names that of each cell."""
    names: Mapping[str, list[int]] = {
        name: [i for i, other in enumerate(rows) if other == name] for name in dict.fromkeys(rows)
    }
    return {name: scores[..., cells].mean(axis=-1) for name, cells in names.items()}
