"""Would similarity have chosen the right task? Each target and each intermediate left out in turn.

- leave_one_target_out: all is learned from the other targets, and the intermediate tasks are ranked
  for the one left out.
- leave_one_intermediate_out: all is learned from the other intermediate tasks, and the targets are
  ranked by what the new one will bring them.

Every metric stands beside what a random ranking scores, for on these scales chance looks good:
NDCG near 0.8, regret of a few per cent. Dyads of the same data are no candidates.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from xstilts.inference.analyses.headline import SIMILARITY
from xstilts.inference.analyses.ranking import chance, quality
from xstilts.inference.dyads import double_centred

# What is left out, what is ranked, and the gain that is learned from the others: standardised
# where targets of different spread teach together, in points where targets are compared.
SCHEMES = {
    "leave_one_target_out": ("target", "intermediate", "gain_standardised"),
    "leave_one_intermediate_out": ("intermediate", "target", "gain"),
}
FEWEST_CANDIDATES = 3
PREDICTORS = ("similarity", "popularity", "similarity_and_popularity", "training_size")


def selection(
    table: pd.DataFrame, sizes: Mapping[str, int] | None, bootstrap: int, seed: int
) -> list[dict[str, object]]:
    """Rows of the table `selection`.

    Args:
        table: dyads.
        sizes: training examples of each intermediate task, for the rival `training_size`: the
            largest first. It ranks intermediate tasks alone.
        bootstrap: resamples of the tasks left out, for the intervals of the means.
        seed: of the resamples, and of the order of candidates with equal predictions.
    """
    other = table[~table["same_data"]].reset_index(drop=True)
    rows: list[dict[str, object]] = []
    for scheme in SCHEMES:
        for row in _scheme(other, scheme, sizes, seed):
            rows.append({"scheme": scheme, **row})
    if not rows:
        return []
    found = pd.DataFrame(rows)
    return [*rows, *_means(found, bootstrap, seed)]


def _scheme(
    table: pd.DataFrame, scheme: str, sizes: Mapping[str, int] | None, seed: int
) -> Iterator[dict[str, object]]:
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
        gains = test["gain"].to_numpy(float)
        by_chance = chance(gains, scores)
        for predictor, values in ranked.items():
            if np.isfinite(values).all():
                for metric, value in quality(gains, values, scores, seed).items():
                    yield _row(predictor, metric, name, value, by_chance[metric])
        for metric, value in by_chance.items():
            yield _row("random", metric, name, value, value)


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
    similarity = test[SIMILARITY].to_numpy(float)
    popularity = train.groupby(candidate)[response].mean()
    popular = test[candidate].map(popularity).to_numpy(float)
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


def _means(found: pd.DataFrame, bootstrap: int, seed: int) -> Iterator[dict[str, object]]:
    random = np.random.default_rng(seed)
    for key, group in found.groupby(["scheme", "predictor", "metric"], sort=False):
        values = group["value"].to_numpy(float)
        draws = random.choice(values, size=(bootstrap, len(values))).mean(axis=1)
        low, high = np.quantile(draws, [0.025, 0.975])
        place = dict(zip(("scheme", "predictor", "metric"), key, strict=True))
        mean = {"held_out": "mean", "value": values.mean(), "chance": group["chance"].mean()}
        ends = {} if key[1] == "random" else {"low": float(low), "high": float(high)}
        yield {**place, **mean, **ends}
