"""Gains over the baseline without an intermediate task, with paired bootstrap intervals."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pandas.util import hash_array

from xstilts.core.draws import derived_seed
from xstilts.core.errors import StudyError
from xstilts.evaluation.bootstrap import interval, resampled_scores, side_by_side
from xstilts.evaluation.metrics import Metric, metric_of
from xstilts.evaluation.numerics import MARKED, STRICT, UNKNOWN, alike, sentence
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
        ("unlike_numerics", pa.bool_()),
    ]
)
SameData = Callable[[str, str], bool] | Collection[tuple[str, str]]


def gains(
    cells: Iterable[Mapping],
    scores: pa.Table,
    same_data: SameData,
    resamples: int,
    seed: int,
    numerics: str = MARKED,
) -> tuple[pa.Table, list[str]]:
    """Gain of each cell over the cell `none` of the same target, language and seed, primary metric.

    Args:
        cells: mappings with intermediate, target, seed, predictions (path) and, where it is known
            what they were computed with, numerics (see `numerics_of`), and where the predictions
            are in more languages than are asked for, those languages.
        scores: what `score_cells` made of them.
        same_data: the (intermediate, target) pairs where the target is fine-tuned on the
            intermediate task's own data, or a function of both that says so.
        resamples: bootstrap resamples of the examples; one set of them serves all intermediate
            tasks of a target, language and seed.
        seed: of the study; each target, language and seed derives its own from it by hashing.
        numerics: marked, or strict: gains between unlike numerics are left out.

    Returns:
        The gains (points) with the ends of their 95 % intervals, as `GAINS`, and a sentence for
        each baseline that is missing, whose cells have no rows, and one on unlike numerics.

    Raises:
        StudyError: a cell and its baseline have different examples or gold answers, or `scores`
            lacks a cell.
    """
    values, metrics = _primary_values(scores), _primary_metrics(scores)
    pairs = set() if callable(same_data) else {tuple(pair) for pair in same_data}
    says_so = same_data if callable(same_data) else lambda *pair: pair in pairs
    groups: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    asked: dict[str, Collection[str] | None] = {}
    computed: dict[tuple[str, int, str], tuple[str, ...]] = {}
    for cell in cells:
        target, run_seed, name = cell["target"], cell["seed"], cell["intermediate"]
        groups[target, run_seed][name] = cell["predictions"]
        asked[target] = cell.get("languages")
        computed[target, run_seed, name] = cell.get("numerics") or (UNKNOWN,)
    rows, problems = [], []
    unlike: Counter[tuple[str, str]] = Counter()
    count = 0
    for (target, run_seed), paths in groups.items():
        if BASELINE not in paths:
            problems.append(_missing(f"{target}, seed {run_seed}"))
            continue
        for language, by_row in _by_language(paths, target, asked[target]).items():
            where = f"{target}, language {language}, seed {run_seed}"
            if BASELINE not in by_row:
                problems.append(_missing(where))
                continue
            draws = derived_seed(seed, target, language, run_seed)
            baseline = _value(values, BASELINE, target, language, run_seed)
            ends = _intervals(by_row, metrics[target], resamples, draws, where)
            for intermediate, (low, high) in ends.items():
                score = _value(values, intermediate, target, language, run_seed)
                measured = (baseline, score, score - baseline, low, high)
                same = bool(says_so(intermediate, target))
                own, base = (computed[target, run_seed, name] for name in (intermediate, BASELINE))
                count, marked = count + 1, not alike(own, base)
                if marked:
                    unlike[" after ".join(dict.fromkeys(own)), base[0]] += 1
                if not marked or numerics != STRICT:
                    rows.append((intermediate, target, language, run_seed, *measured, same, marked))
    problems += filter(None, [sentence(unlike, count, numerics)])
    return table(rows, GAINS), problems


def _missing(where: str) -> str:
    return (
        f"No gains for {where}: the baseline (intermediate '{BASELINE}') has no numbers "
        "(it diverged, or its test set is empty); see its receipt or take the target out."
    )


def _primary_values(scores: pa.Table) -> dict[tuple, float]:
    rows = scores.filter(scores["primary"])
    keys = zip(*(rows[name].to_pylist() for name in SCORES.names[:4]), strict=True)
    return dict(zip(keys, rows["value"].to_pylist(), strict=True))


def _primary_metrics(scores: pa.Table) -> dict[str, Metric]:
    """The primary metric of each target."""
    rows = scores.filter(scores["primary"]).group_by(["target", "metric"]).aggregate([])
    names = zip(rows["target"].to_pylist(), rows["metric"].to_pylist(), strict=True)
    return {target: metric_of(name) for target, name in names}


def _value(values: dict[tuple, float], *cell: object) -> float:
    if cell not in values:
        raise StudyError(
            f"The scores have no row for intermediate {cell[0]}, target {cell[1]}, "
            f"language {cell[2]}, seed {cell[3]}; make them from the same cells as the gains."
        )
    return values[cell]


def _by_language(
    paths: Mapping[str, str], target: str, languages: Collection[str] | None
) -> dict[str, dict[str, Predictions]]:
    by_row: dict[str, dict[str, Predictions]] = defaultdict(dict)
    for intermediate, path in paths.items():
        columns = ["example_id", "gold"]
        by_language = read_predictions(path, target, columns, languages=languages)
        for language, predictions in by_language.items():
            predictions.columns["gold"] = _hashed(predictions.columns["gold"])
            by_row[language][intermediate] = predictions
    return by_row


def _hashed(texts: pa.Array) -> pa.Array:
    """A number for each text, equal for equal ones: all rows of a target are held at once."""
    encoded = pc.dictionary_encode(texts)
    words = encoded.dictionary.to_numpy(zero_copy_only=False).astype(object)
    return pa.array(hash_array(words)[encoded.indices.to_numpy()])


def _intervals(
    by_row: Mapping[str, Predictions], metric: Metric, resamples: int, seed: int, where: str
) -> dict[str, tuple[float, float]]:
    """Interval of the gain of each intermediate in `found`, all on the same resamples."""
    identifiers, golds, baseline = _in_order(by_row[BASELINE])
    names = [name for name in by_row if name != BASELINE]
    matched = []
    for name in names:
        others, asked, contributions = _in_order(by_row[name])
        if not others.equals(identifiers):
            raise StudyError(
                f"{where}: intermediate {name} and the baseline have different examples "
                f"({len(others)} and {len(identifiers)}); predict both on the same prepared data."
            )
        if unlike := int((asked != golds).sum()):
            first = identifiers[int(np.argmax(asked != golds))]
            raise StudyError(
                f"{where}: intermediate {name} and the baseline have different gold answers "
                f"({unlike} of {len(golds)} examples, the first {first}); delete the folder of the "
                "run whose gold is wrong and run again."
            )
        matched.append(contributions)
    cells = side_by_side([baseline, *matched])
    scores = resampled_scores(metric, cells, resamples, seed)
    low, high = interval(scores[:, 1:] - scores[:, :1])
    return {name: (float(low[i]), float(high[i])) for i, name in enumerate(names)}


def _in_order(predictions: Predictions) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """Ids, hashed golds and contributions by id: the order of a file is nothing to the draws."""
    identifiers = predictions.columns["example_id"]
    order = pc.array_sort_indices(identifiers)
    golds = predictions.columns["gold"].take(order).to_numpy()
    return identifiers.take(order), golds, predictions.contributions[order.to_numpy()]
