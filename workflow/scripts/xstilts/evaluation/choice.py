"""The best intermediate task of each target: chosen on dev, scored on test, beside its rivals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import pyarrow as pa

from xstilts.core.draws import derived_seed
from xstilts.core.run_noise import Stated, stated_deviation
from xstilts.evaluation.bootstrap import interval
from xstilts.evaluation.gains import BASELINE
from xstilts.evaluation.paired_items import ItemGroup, over_seeds, read_groups, resampled
from xstilts.evaluation.scores import table
from xstilts.evaluation.shrinkage import shrunken

ENGLISH_DEV, TARGET_DEV, TARGET_HALVES = "english_dev", "target_dev", "target_halves"

BEST = pa.schema(
    [
        ("target", pa.string()),
        ("intermediate", pa.string()),
        ("chosen_on", pa.string()),
        ("seed", pa.int64()),
        ("dev_score", pa.float64()),
        ("test_score", pa.float64()),
        ("baseline", pa.float64()),
        ("gain", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("gain_shrunken", pa.float64()),
        ("taken", pa.string()),
        ("taken_gain", pa.float64()),
        ("taken_low", pa.float64()),
        ("taken_high", pa.float64()),
    ]
)
RIVALS = pa.schema(
    [
        ("target", pa.string()),
        ("intermediate", pa.string()),
        ("chosen", pa.bool_()),
        ("dev_score", pa.float64()),
        ("dev_rank", pa.int64()),
        ("test_score", pa.float64()),
        ("test_rank", pa.int64()),
        ("gain", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("gain_shrunken", pa.float64()),
    ]
)


@dataclass(frozen=True)
class Choice:
    """What a target's intermediate task was chosen on, and which it is.

    Attributes:
        chosen_on: english_dev, target_dev (dev sets in the target's languages) or target_halves
            (each half of the test sentences by what is best for the other half).
        dev: score of each intermediate task there, mean over seeds; empty for target_halves.
        dev_score: that of the chosen one; of target_halves, on the halves that chose it.
        by_half: the chosen one for each half of the test sentences.
        taken_by_half: the same where the baseline is a candidate too.
        seed: the seed of the chosen one that did best there (of equal ones the first).
    """

    chosen_on: str
    dev: dict[str, float]
    dev_score: float
    by_half: tuple[str, str]
    taken_by_half: tuple[str, str]
    seed: int

    @property
    def name(self) -> str:
        """The intermediate task, or both where the halves disagree."""
        return " / ".join(dict.fromkeys(self.by_half))

    @property
    def taken(self) -> str:
        """What to take: `name`, or the baseline where no intermediate task did better than it."""
        return " / ".join(dict.fromkeys(self.taken_by_half))


def choose_intermediates(
    cells: Sequence[Mapping[str, Any]],
    choose_on: str,
    resamples: int,
    seed: int,
    stated: Stated | None = None,
) -> tuple[pa.Table, pa.Table]:
    """The chosen intermediate task of each target, as `BEST`, and all rows beside it, as `RIVALS`.

    Scores are XTREME's: means over languages, a question the mean of F1 and exact match. Intervals
    (95 %) of gains over the baseline are paired over items; they take the choice and the seeds as
    given. The choice never looks at the sentences that it is scored on. `taken` is the baseline
    where the chosen row did no better than it there. `gain_shrunken` is the gain without the luck
    to be expected in the best of several rows (see `shrinkage`); null where nothing tells how much
    runs vary. Targets without a baseline, or without another row, have no row.

    Args:
        cells: mappings with intermediate, target, seed, metrics, predictions (path) and receipt.
        choose_on: english_dev, or target_languages: the test sentences' other half. A target
            that has no English dev set is chosen in its own languages either way.
        resamples: bootstrap resamples of the items.
        seed: of the study; each target derives its own.
        stated: how much scores vary between training runs, for targets that have one seed.

    Raises:
        StudyError: two cells of a target have different sentences.
    """
    targets: dict[str, list[Mapping]] = defaultdict(list)
    for cell in cells:
        targets[cell["target"]].append(cell)
    best, rivals = [], []
    for target, own in targets.items():
        names = {cell["intermediate"] for cell in own}
        if BASELINE not in names or len(names) == 1:
            continue
        paths = [cell["predictions"] for cell in own]
        judged = _judged(own) if choose_on == ENGLISH_DEV else None
        strata = read_groups(
            target,
            own[0]["metrics"][0],
            paths,
            halves=judged is None,
            languages=own[0].get("languages"),
        )
        if not strata:
            continue
        choice = judged or _by_halves(own, strata)
        if choice is None:
            continue
        deviation = stated_deviation(stated, target)
        scored = _Scored(own, strata, resamples, derived_seed(seed, target, "choice"), deviation)
        best.append((target, *scored.best(choice)))
        rivals += [(target, *row) for row in scored.rivals(choice)]
    return table(best, BEST), table(rivals, RIVALS)


def dev_scores(receipt: Mapping[str, Any]) -> tuple[str, float] | None:
    """What a run was judged on before its test set, and its score; None if on nothing."""
    if dev := receipt.get("dev"):
        # A target's run has one training set, and so one dev set.
        return ENGLISH_DEV, fmean(judged["score"] for judged in dev.values())
    if thresholds := receipt.get("thresholds"):
        return TARGET_DEV, fmean(threshold["dev_f1"] for threshold in thresholds.values())
    return None


def _judged(cells: Iterable[Mapping]) -> Choice | None:
    """The choice by the runs' own dev scores; None where a run has none."""
    by_seed: dict[str, dict[int, float]] = defaultdict(dict)
    chosen_on = ENGLISH_DEV
    for cell in cells:
        score = dev_scores(cell["receipt"])
        if score is None:
            return None
        chosen_on, by_seed[cell["intermediate"]][cell["seed"]] = score
    dev = {name: fmean(seeds.values()) for name, seeds in by_seed.items()}
    best = _first_best(dev)
    taken = _or_baseline(best, dev)
    seed = _best_seed(by_seed[best])
    return Choice(chosen_on, dev, dev[best], (best, best), (taken, taken), seed)


def _by_halves(cells: Sequence[Mapping], strata: Sequence[ItemGroup]) -> Choice | None:
    """The choice for each half by the other one; None where there is but one half."""
    halves = []
    for half in (0, 1):
        scores = [group.scores() for group in strata if group.half == half]
        if not scores:
            return None
        halves.append(np.mean(scores, axis=0))
    rows = [cell["intermediate"] for cell in cells]
    means = [
        {name: float(mean) for name, mean in over_seeds(scores, rows).items()} for scores in halves
    ]
    first, second = _first_best(means[1]), _first_best(means[0])
    own = [i for i, name in enumerate(rows) if name == first]
    return Choice(
        TARGET_HALVES,
        dev={},
        dev_score=float(means[1][first] + means[0][second]) / 2,
        by_half=(first, second),
        taken_by_half=(_or_baseline(first, means[1]), _or_baseline(second, means[0])),
        seed=_best_seed({cells[i]["seed"]: halves[1][i] for i in own}),
    )


def _first_best(scores: Mapping[str, float]) -> str:
    """The best but the baseline; of equal ones the first by name."""
    return min((-value, name) for name, value in scores.items() if name != BASELINE)[1]


def _or_baseline(best: str, scores: Mapping[str, float]) -> str:
    return best if scores[best] > scores.get(BASELINE, -np.inf) else BASELINE


def _best_seed(scores: Mapping[int, float]) -> int:
    return min((-value, seed) for seed, value in scores.items())[1]


class _Scored:
    """The test scores of one target's rows, with draws."""

    def __init__(
        self,
        cells: Sequence[Mapping],
        strata: Sequence[ItemGroup],
        resamples: int,
        seed: int,
        deviation: float | None,
    ) -> None:
        rows = [cell["intermediate"] for cell in cells]
        self.halves = np.array([group.half for group in strata])
        scores = np.stack([group.scores() for group in strata])
        self.points = over_seeds(scores, rows)
        self.draws = over_seeds(resampled(strata, resamples, seed), rows)
        self.runs = _variance_of_means(scores.mean(axis=0), rows, deviation)
        self.shrunken = self._shrunken()

    def _shrunken(self) -> dict[str, float]:
        """Gain of each row, drawn to the rows' mean by the share of noise in it."""
        names = [name for name in self.points if name != BASELINE]
        scores = np.array([self._mean(self.points, (name, name)) for name in names])
        draws = np.array([self._mean(self.draws, (name, name)) for name in names])
        items = (draws - draws.mean(axis=0)).std(axis=1, ddof=1)
        runs = np.array([self.runs[name] for name in names])
        apart = runs * (1 - 2 / len(names)) + runs.mean() / len(names)
        baseline = self._mean(self.points, (BASELINE, BASELINE))
        gains = shrunken(scores - baseline, np.sqrt(items**2 + apart))
        return {BASELINE: 0.0, **dict(zip(names, gains.tolist(), strict=True))}

    def _row(self, by_half: tuple[str, str]) -> tuple[float, float, float, float, float]:
        """Score, baseline, gain and its interval; each half answered by a row of its own."""
        scores = self._mean(self.points, by_half)
        baseline = self._mean(self.points, (BASELINE, BASELINE))
        differences = self._mean(self.draws, by_half) - self._mean(self.draws, (BASELINE,) * 2)
        low, high = interval(differences)
        return float(scores), float(baseline), float(scores - baseline), float(low), float(high)

    def _mean(self, by_row: Mapping[str, np.ndarray], by_half: tuple[str, ...]) -> np.ndarray:
        """Over strata (last axis)."""
        mixed = np.where(self.halves == 0, by_row[by_half[0]], by_row[by_half[1]])
        return mixed.mean(axis=-1)

    def best(self, choice: Choice) -> tuple:
        """A row of `BEST` without the target."""
        score, *rest = self._row(choice.by_half)
        first = float(np.mean(self.halves == 0))
        shares = dict.fromkeys(choice.by_half, 0.0)
        for name, share in zip(choice.by_half, (first, 1 - first), strict=True):
            shares[name] += share
        shrunken_gain = _known(sum(shares[name] * self.shrunken[name] for name in shares))
        *_, gain, low, high = self._row(choice.taken_by_half)
        named = (choice.name, choice.chosen_on, choice.seed, choice.dev_score)
        return (*named, score, *rest, shrunken_gain, choice.taken, gain, low, high)

    def rivals(self, choice: Choice) -> list[tuple]:
        """Rows of `RIVALS` without the target, by test score; the baseline among them."""
        tests = {name: self._row((name, name)) for name in self.points}
        order = sorted(tests, key=lambda name: (-tests[name][0], name))
        dev_rank = _ranks(choice.dev)
        test_rank = _ranks({name: row[0] for name, row in tests.items()})
        rows = []
        for name in order:
            score, _, *gain = tests[name]
            chosen = name in choice.by_half
            dev = choice.dev.get(name), dev_rank.get(name)
            own = (*dev, score, test_rank[name], *gain, _known(self.shrunken[name]))
            rows.append((name, chosen, *own))
        return rows


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value


def _variance_of_means(
    scores: np.ndarray, rows: Sequence[str], deviation: float | None
) -> dict[str, float]:
    """Row -> what its runs add to the variance of its mean score; `scores` are the cells'.

    The variance between seeds, pooled over rows; where all have one seed, that of `deviation`.
    """
    cells = {
        name: [i for i, other in enumerate(rows) if other == name] for name in dict.fromkeys(rows)
    }
    several = [own for own in cells.values() if len(own) > 1]
    if several:
        squares = sum(float(np.sum((scores[own] - scores[own].mean()) ** 2)) for own in several)
        variance = squares / sum(len(own) - 1 for own in several)
    else:
        variance = np.nan if deviation is None else deviation**2
    return {name: variance / len(own) for name, own in cells.items()}


def _ranks(scores: Mapping[str, float]) -> dict[str, int]:
    """1 for the best; equal scores share the better rank."""
    return {
        name: 1 + sum(other > value for other in scores.values()) for name, value in scores.items()
    }
