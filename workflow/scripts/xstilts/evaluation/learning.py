"""Do the models learn at all? Dev scores against chance, and what is left of them on test."""

import math
from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

import pyarrow as pa

from xstilts.core.errors import StudyError
from xstilts.evaluation.gains import BASELINE
from xstilts.evaluation.scores import table

LEARNED_ABOVE = 2.0  # standard errors above chance
LEARNING = pa.schema(
    [
        ("task", pa.string()),
        ("role", pa.string()),
        ("metric", pa.string()),
        ("chance", pa.float64()),
        ("n", pa.int64()),
        ("english_dev", pa.float64()),
        ("standard_error", pa.float64()),
        ("z", pa.float64()),
        ("learned", pa.bool_()),
        ("english_test", pa.float64()),
        ("other_languages", pa.float64()),
    ]
)


def standard_error(score: float, n: int) -> float:
    """Standard error (points) of a score (0-100) over n examples that each score between 0 and 1.

    That of a proportion with two successes and two failures added (Agresti & Coull 1998), so that
    it is not 0 at 0 and 100. For examples of partial credit it is an upper bound; for F1 of counts
    it is a rough stand-in, as for a correlation, so give the bootstrap's where there is one.
    """
    share = (max(score, 0.0) / 100 * n + 2) / (n + 4)
    return 100 * math.sqrt(share * (1 - share) / (n + 4))


def learning(tasks: Iterable[Mapping], scores: pa.Table) -> pa.Table:
    """One row per trained task, as `LEARNING`.

    A task is learned if its dev score lies more than `LEARNED_ABOVE` standard errors above chance.

    Args:
        tasks: mappings with task, role, metric, dev_score (English, 0-100), n_dev, chance (0-100)
            and, if known, standard_error (points).
        scores: as `score_cells` makes it; a target's test scores are those of the baseline without
            an intermediate task, primary metric, averaged over seeds. Null where there are none.

    Raises:
        StudyError: a task without dev examples.
    """
    tests = _baseline_tests(scores)
    return table([_row(task, tests) for task in tasks], LEARNING)


def _row(task: Mapping, tests: Mapping[tuple[str, bool], float]) -> tuple:
    name, score, n = task["task"], task["dev_score"], task["n_dev"]
    if n < 1:
        raise StudyError(f"Task {name} has no dev examples, so nobody can tell if it is learned.")
    error = task.get("standard_error") or standard_error(score, n)
    z = (score - task["chance"]) / error
    is_target = task["role"] == "target"
    english, other = (tests.get((name, side)) if is_target else None for side in (True, False))
    measured = (task["chance"], n, score, error, z, z > LEARNED_ABOVE, english, other)
    return (name, task["role"], task["metric"], *measured)


def _baseline_tests(scores: pa.Table) -> dict[tuple[str, bool], float]:
    """Mean test score of the baseline by target and "is English"; languages count alike."""
    by_target: dict[tuple[str, bool], dict[str, list[float]]] = {}
    for row in scores.to_pylist():
        if row["primary"] and row["intermediate"] == BASELINE:
            languages = by_target.setdefault((row["target"], row["language"] == "en"), {})
            languages.setdefault(row["language"], []).append(row["value"])
    return {key: fmean(map(fmean, languages.values())) for key, languages in by_target.items()}


def from_receipts(trained: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What `learning` needs of each task, from the receipts of its runs.

    Args:
        trained: mappings with task, role, data (the task whose dev set it was judged on) and
            receipts (one per seed). Seeds are averaged; standard errors too, for they share the
            dev set. Runs that ended without a dev score are left out.
    """
    rows = []
    for task in trained:
        devs = [receipt["dev"].get(task["data"]) for receipt in task["receipts"]]
        judged = [facts for facts in devs if facts]
        if judged:
            means = {
                key: fmean(facts[source] for facts in judged)
                for key, source in (
                    ("dev_score", "score"),
                    ("chance", "chance"),
                    ("standard_error", "standard_error"),
                )
            }
            first = judged[0]
            rows.append(
                {"task": task["task"], "role": task["role"], "metric": first["metric"]}
                | {"n_dev": first["n"]}
                | means
            )
    return rows
