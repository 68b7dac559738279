"""Would similarity have chosen the right task? Each target and each intermediate left out in turn.

- leave_one_target_out: all is learned from the other targets, and the intermediate tasks are ranked
  for the one left out.
- leave_one_intermediate_out: all is learned from the other intermediate tasks, and the targets are
  ranked by what the new one will bring them.

Every metric stands beside what a random ranking scores, for on these scales chance looks good:
NDCG near 0.8, regret of a few per cent. Dyads of the same data are no candidates.

The intervals of the means come from relabelling the tasks of the predictions: targets share their
intermediate tasks, and resampling them as if they were independent gave intervals that exclude
chance in 17 to 39 of 100 studies in which similarity says nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from xstilts.inference.analyses.headline import SIMILARITY, labels_of
from xstilts.inference.analyses.ranking import chance, one_ranking, quality
from xstilts.inference.analyses.relabelling import Relabelling
from xstilts.inference.centring import TwoWay
from xstilts.inference.dyads import double_centred

# What is left out, what is ranked, and the gain that is learned from the others: standardised
# where targets of different spread teach together, in points where targets are compared.
SCHEMES = {
    "leave_one_target_out": ("target", "intermediate", "gain_standardised"),
    "leave_one_intermediate_out": ("intermediate", "target", "gain"),
}
FEWEST_CANDIDATES = 3
MOST_DRAWS = 200
PREDICTORS = ("similarity", "popularity", "similarity_and_popularity", "training_size")


@dataclass(frozen=True)
class _Held:
    """A task that was left out: its candidates with gains and scores, and what was predicted."""

    name: str
    candidates: np.ndarray
    gains: np.ndarray
    scores: np.ndarray | None
    predictions: dict[str, np.ndarray]


def selection(
    table: pd.DataFrame, sizes: Mapping[str, int] | None, draws: int, seed: int
) -> list[dict[str, object]]:
    """Rows of the table `selection`.

    Args:
        table: dyads.
        sizes: training examples of each intermediate task, for the rival `training_size`: the
            largest first. It ranks intermediate tasks alone.
        draws: relabellings behind the intervals of the means; at most `MOST_DRAWS` are made.
        seed: of the relabellings, and of the order of candidates with equal predictions.
    """
    other = table[~table["same_data"]].reset_index(drop=True)
    rows: list[dict[str, object]] = []
    means: list[dict[str, object]] = []
    for scheme in SCHEMES:
        held = list(_scheme(other, scheme, sizes))
        ranked = [{"scheme": scheme, **row} for each in held for row in _told(each, seed)]
        by_chance = _by_relabelling(other, scheme, held, min(draws, MOST_DRAWS), seed)
        rows += ranked
        means += [{"scheme": scheme, **row} for row in _means(ranked, by_chance)]
    return [*rows, *means]


def _scheme(table: pd.DataFrame, scheme: str, sizes: Mapping[str, int] | None) -> Iterator[_Held]:
    left_out, candidate, response = SCHEMES[scheme]
    for name in sorted(set(table[left_out])):
        held = table[left_out] == name
        test, train = table[held], table[~held]
        if len(test) < FEWEST_CANDIDATES or train[left_out].nunique() < FEWEST_CANDIDATES - 1:
            continue
        ranked = _predictions(train, test, left_out, candidate, response)
        if sizes and candidate == "intermediate":
            ranked["training_size"] = test[candidate].map(sizes).to_numpy(float)
        # Scores of different targets cannot be compared, so their regret says nothing.
        scores = test["score"].to_numpy(float) if candidate == "intermediate" else None
        usable = {name: values for name, values in ranked.items() if np.isfinite(values).all()}
        yield _Held(name, test[candidate].to_numpy(), test["gain"].to_numpy(float), scores, usable)


def _told(held: _Held, seed: int) -> Iterator[dict[str, object]]:
    by_chance = chance(held.gains, held.scores)
    for predictor, values in held.predictions.items():
        for metric, value in quality(held.gains, values, held.scores, seed).items():
            yield _row(predictor, metric, held.name, value, by_chance[metric])
    for metric, value in by_chance.items():
        yield _row("random", metric, held.name, value, value)


Null = dict[tuple[str, str], np.ndarray]


def _by_relabelling(
    table: pd.DataFrame, scheme: str, held: list[_Held], draws: int, seed: int
) -> Null:
    """(predictor, metric) -> the metric's mean over the tasks left out in each relabelling."""
    left_out, _, _ = SCHEMES[scheme]
    names = sorted(set(table["intermediate"])), sorted(set(table["target"]))
    rows, columns = Relabelling(
        labels_of(table, names), np.ones([len(each) for each in names], dtype=bool)
    ).orders(draws, seed)
    positions = [{name: k for k, name in enumerate(each)} for each in names]
    predictors = {name for each in held for name in each.predictions}
    null: Null = {}
    for predictor in sorted(predictors):
        known = [each for each in held if predictor in each.predictions]
        values = np.full([len(each) for each in names], np.nan)
        for each in known:
            where = _cells(each, left_out, positions)
            values[where] = each.predictions[predictor]
        values = _filled(values)
        metrics: dict[str, list[float]] = {}
        for row, column in zip(rows, columns, strict=True):
            moved = values[np.ix_(row, column)]
            each_metric: dict[str, list[float]] = {}
            for each in known:
                ranking = one_ranking(
                    each.gains, moved[_cells(each, left_out, positions)], each.scores
                )
                for metric, value in ranking.items():
                    each_metric.setdefault(metric, []).append(value)
            for metric, per_task in each_metric.items():
                metrics.setdefault(metric, []).append(float(np.mean(per_task)))
        null |= {(predictor, metric): np.array(list_) for metric, list_ in metrics.items()}
    return null


def _cells(
    held: _Held, left_out: str, positions: Sequence[Mapping[str, int]]
) -> tuple[np.ndarray | int, np.ndarray | int]:
    """Rows and columns of a task's candidates in a matrix of pairs."""
    rows, columns = positions
    if left_out == "target":
        return np.array([rows[name] for name in held.candidates]), columns[held.name]
    return rows[held.name], np.array([columns[name] for name in held.candidates])


def _filled(values: np.ndarray) -> np.ndarray:
    """The matrix with what rows and columns make expect where pairs have no prediction.

    Those pairs (of the same data, or without a gain) are no candidates; but another's prediction
    must stand there when tasks change places.
    """
    seen = np.isfinite(values)
    if seen.all():
        return values
    row, column = np.nonzero(seen)
    tasks = TwoWay(row, column)
    fitted = tasks.effects(values[seen])
    expected = np.add.outer(
        *(
            np.pad(part, (0, size - len(part)))
            for part, size in zip(fitted, values.shape, strict=True)
        )
    )
    return np.where(seen, values, expected)


def _row(
    predictor: str, metric: str, held_out: str, value: float, by_chance: float
) -> dict[str, object]:
    return {
        "predictor": predictor, "metric": metric, "held_out": held_out, "value": value,
        "chance": by_chance,
    }  # fmt: skip


def _predictions(
    train: pd.DataFrame, test: pd.DataFrame, left_out: str, candidate: str, response: str
) -> dict[str, np.ndarray]:
    popularity = train.groupby(candidate)[response].mean()
    popular = test[candidate].map(popularity).to_numpy(float)
    if not np.isfinite(train[SIMILARITY]).all():
        return {"popularity": popular}
    similarity = test[SIMILARITY].to_numpy(float)
    slope = _slope(double_centred(train, SIMILARITY), double_centred(train, response))
    # In training each popularity leaves out its own row, as it will for the one left out.
    groups = train.groupby(candidate)[response]
    count = groups.transform("size")
    others = (groups.transform("sum") - train[response]) / (count - 1).where(count > 1)
    usable = others.notna().to_numpy()
    centre = train.groupby(left_out)[response].transform("mean").to_numpy(float)
    design = np.column_stack([np.ones(len(train)), train[SIMILARITY], others.fillna(0.0)])[usable]
    goal = (train[response].to_numpy(float) - centre)[usable]
    weights = np.linalg.lstsq(design, goal, rcond=None)[0]
    return {
        "similarity": slope * similarity,
        "popularity": popular,
        "similarity_and_popularity": weights[1] * similarity + weights[2] * popular,
    }


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    squares = float(x @ x)
    return float(x @ y) / squares if squares > 1e-12 else 0.0


def _means(rows: list[dict[str, object]], by_chance: Null) -> Iterator[dict[str, object]]:
    """Means over the tasks left out, with intervals that exclude chance as seldom as due."""
    if not rows:
        return
    for (predictor, metric), group in pd.DataFrame(rows).groupby(
        ["predictor", "metric"], sort=False
    ):
        mean, expected = group["value"].mean(), group["chance"].mean()
        row = _row(predictor, metric, "mean", mean, expected)
        draws = by_chance.get((predictor, metric), np.empty(0))
        draws = draws[np.isfinite(draws)]
        if len(draws) and np.isfinite(mean):
            low, high = np.quantile(draws, [0.025, 0.975]) - expected
            row |= {"low": mean - max(high, 0.0), "high": mean - min(low, 0.0)}
        yield row
