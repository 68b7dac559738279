"""Which rows are tied: intervals of differences, worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from xstilts.report import dyad_gains
from xstilts.report.ties import _variance_of_differences, tied_with

COLUMNS = ["intermediate", "target", "language", "seed", "gain", "low", "high", "same_data"]


def tied(row: str, gains: dict[str, list[float]], errors: dict[tuple[str, str], float]):
    """Gains of each row by seed, in one language, each known to ± 2 over items."""
    table = pd.DataFrame(
        [(name, "xnli", "en", seed, gain, gain - 2, gain + 2, False)
         for name, values in gains.items() for seed, gain in enumerate(values)],
        columns=COLUMNS,
    )  # fmt: skip
    known = pd.DataFrame(
        [("xnli", *pair, error) for pair, error in errors.items()],
        columns=["target", "first", "second", "error"],
    )
    return tied_with(row, "xnli", dyad_gains.summarise(table, known), known, table)


def test_a_difference_is_tied_as_long_as_its_interval_holds_zero():
    gains = {"mnli": [5.0], "qqp": [3.0], "ccg": [1.0]}
    errors = {("mnli", "qqp"): 1.1, ("mnli", "ccg"): 1.1, ("none", "mnli"): 1.0}
    # 1.96 x 1.1 = 2.16: qqp is 2 below, ccg is 4 below, the baseline 5.
    assert tied("mnli", gains, errors) == ["qqp"]
    # ... and with a larger error of the gain, the baseline too.
    assert tied("mnli", gains, errors | {("none", "mnli"): 2.6}) == ["qqp", "none"]


def test_the_baseline_is_tied_with_what_includes_zero():
    gains = {"mnli": [1.0], "qqp": [-3.0]}
    errors = {("none", "mnli"): 0.6, ("none", "qqp"): 0.6}
    assert tied("none", gains, errors) == ["mnli"]


def test_seeds_widen_a_difference():
    errors = {("mnli", "qqp"): 0.5}
    steady = {"mnli": [5.0, 5.0], "qqp": [3.0, 3.0]}
    restless = {"mnli": [9.0, 1.0], "qqp": [1.0, 5.0]}
    assert tied("mnli", steady, errors) == []
    assert "qqp" in tied("mnli", restless, errors)


def test_variance_of_differences_is_the_mean_over_all_pairs():
    random = np.random.default_rng(5)
    table = pd.DataFrame(
        [(name, "xnli", "en", seed, random.normal(), 0, 0, False)
         for name in "abcd" for seed in range(3)],
        columns=COLUMNS,
    )  # fmt: skip
    wide = table.pivot_table("gain", "seed", "intermediate")
    pairs = [(wide[a] - wide[b]).var(ddof=1) for a in wide for b in wide if a < b]
    assert _variance_of_differences(table) == pytest.approx(np.mean(pairs))
    assert _variance_of_differences(table[table["seed"] == 0]) == 0.0


def test_nobody_knows_of_a_row_without_an_interval():
    gains = {"mnli": [5.0], "qqp": [math.nan], "ccg": [1.0]}
    assert tied("qqp", gains, {}) == []
