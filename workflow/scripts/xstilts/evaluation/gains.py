"""Gains over the baseline without an intermediate task, with paired bootstrap intervals."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from xstilts.core.draws import derived_seed
from xstilts.core.errors import StudyError
from xstilts.evaluation.bootstrap import interval, resampled_scores
from xstilts.evaluation.predictions import Predictions, read_predictions
from xstilts.evaluation.scores import SCORES, table

BASELINE = "none"
GAINS = pa.schema(
    [
        ("intermediate", pa.string()),
        ("target", pa.string()),
        ("language", pa.string()),
        ("seed", pa.int64()),
        ("baseline", pa.float64()),
        ("score", pa.float64()),
        ("gain", pa.float64()),
        ("low", pa.float64()),
        ("high", pa.float64()),
        ("same_data", pa.bool_()),
    ]
)
SameData = Callable[[str, str], bool] | Collection[tuple[str, str]]


def gains(
    cells: Iterable[Mapping], scores: pa.Table, same_data: SameData, resamples: int, seed: int
) -> tuple[pa.Table, list[str]]:
    """Gain of each cell over the cell `none` of the same target, language and seed, primary metric.

    Args:
        cells: mappings with intermediate, target, seed and predictions (path).
        scores: what `score_cells` made of them.
        same_data: the (intermediate, target) pairs where the target is fine-tuned on the
            intermediate task's own data, or a function of both that says so.
        resamples: bootstrap resamples of the examples; one set of them serves all intermediate
            tasks of a target, language and seed.
        seed: of the study; each target, language and seed derives its own from it by hashing.

    Returns:
        The gains (points) with the ends of their 95 % intervals, as `GAINS`, and a sentence for
        each baseline that is missing, whose cells have no rows.

    Raises:
        StudyError: a cell and its baseline have different examples, or `scores` lacks a cell.
    """
    values = _primary_values(scores)
    pairs = set() if callable(same_data) else {tuple(pair) for pair in same_data}
    says_so = same_data if callable(same_data) else lambda *pair: pair in pairs
    groups: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    for cell in cells:
        groups[cell["target"], cell["seed"]][cell["intermediate"]] = cell["predictions"]
    rows, problems = [], []
    for (target, run_seed), paths in groups.items():
        if BASELINE not in paths:
            problems.append(_missing(f"{target}, seed {run_seed}"))
            continue
        for language, found in _by_language(paths, target).items():
            place = f"{target}, language {language}, seed {run_seed}"
            if BASELINE not in found:
                problems.append(_missing(place))
                continue
            draws = derived_seed(seed, target, language, run_seed)
            for intermediate, (low, high) in _intervals(found, resamples, draws, place).items():
                baseline = _value(values, BASELINE, target, language, run_seed)
                score = _value(values, intermediate, target, language, run_seed)
                measured = (baseline, score, score - baseline, low, high)
                same = bool(says_so(intermediate, target))
                rows.append((intermediate, target, language, run_seed, *measured, same))
    return table(rows, GAINS), problems


def _missing(place: str) -> str:
    return (
        f"No gains for {place}: the baseline (intermediate '{BASELINE}') has no numbers "
        "(it diverged, or its test set is empty); see its receipt or take the target out."
    )


def _primary_values(scores: pa.Table) -> dict[tuple, float]:
    rows = scores.filter(scores["primary"])
    keys = zip(*(rows[name].to_pylist() for name in SCORES.names[:4]), strict=True)
    return dict(zip(keys, rows["value"].to_pylist(), strict=True))


def _value(values: dict[tuple, float], *cell: object) -> float:
    if cell not in values:
        raise StudyError(
            f"The scores have no row for intermediate {cell[0]}, target {cell[1]}, "
            f"language {cell[2]}, seed {cell[3]}; make them from the same cells as the gains."
        )
    return values[cell]


def _by_language(paths: Mapping[str, str], target: str) -> dict[str, dict[str, Predictions]]:
    found: dict[str, dict[str, Predictions]] = defaultdict(dict)
    for intermediate, path in paths.items():
        for language, predictions in read_predictions(path, target, ["example_id"]).items():
            found[language][intermediate] = predictions
    return found


def _intervals(
    found: Mapping[str, Predictions], resamples: int, seed: int, place: str
) -> dict[str, tuple[float, float]]:
    """Interval of the gain of each intermediate in `found`, all on the same resamples."""
    identifiers, baseline = _in_order(found[BASELINE])
    names = [name for name in found if name != BASELINE]
    matched = []
    for name in names:
        others, contributions = _in_order(found[name])
        if not others.equals(identifiers) or contributions.shape != baseline.shape:
            raise StudyError(
                f"{place}: intermediate {name} and the baseline have different examples "
                f"({len(others)} and {len(identifiers)}); predict both on the same prepared data."
            )
        matched.append(contributions)
    scores = resampled_scores(np.stack([baseline, *matched], axis=1), resamples, seed)
    low, high = interval(scores[:, 1:] - scores[:, :1])
    return {name: (float(low[i]), float(high[i])) for i, name in enumerate(names)}


def _in_order(found: Predictions) -> tuple[pa.Array, np.ndarray]:
    """Ids and contributions by id, so that the order of a file does not matter to the draws."""
    identifiers = found.columns["example_id"]
    order = pc.array_sort_indices(identifiers)
    return identifiers.take(order), found.contributions[order.to_numpy()]
