"""A fidelity in words, for pages, plans and messages."""

import math
from collections.abc import Mapping
from typing import Any

# In fidelity.tsv, the row over all targets.
ALL = "all targets"
# What index.tsv calls the fidelity of the whole grid.
FULL = "full"
# Of a study that cannot tell itself yet (de Vries, Wieling & Nissim 2022, 65 sources).
PUBLISHED = (
    "On a published grid a quarter of the examples kept a rank correlation of 0.87 within targets, "
    "named the same best source for 62% of them, and lost 1.3 points where always taking the most "
    "popular one lost 10: cheap rows tell what a task is worth, and seldom which is best."
)
# With a smaller share of targets whose best row is the same, cheap rows name no winner.
SELDOM = 0.75
CHEAPER = ("share", "frozen_layers", "steps")


def in_words(fidelity: Mapping[str, Any]) -> str:
    """What of the training is left out: "a share of 0.25 of the training examples"."""
    share, frozen, steps = (fidelity[key] for key in CHEAPER)
    parts = [
        f"a share of {share:g} of the training examples" if share is not None else "",
        f"{frozen} frozen layers" if frozen is not None else "",
        f"{steps} steps at most" if steps is not None else "",
    ]
    return ", ".join(filter(None, parts))


def in_a_sentence(rows: list[dict[str, Any]]) -> str:
    """What the rows of fidelity.tsv say of cheap runs; "" where there are none."""
    if not rows:
        return ""
    total = next(row for row in rows if row["target"] == ALL)
    # In the file, what is not known is blank.
    correlation, targets = float(total["spearman"] or "nan"), len(rows) - 1
    ranks = (
        "too few rows to rank"
        if math.isnan(correlation)
        else f"a rank correlation of {correlation:.2f} within targets"
    )
    misses = float(total["same_best"]) < SELDOM
    warning = " Cheap rows tell what a task is worth, and seldom which is best." if misses else ""
    return (
        f"{int(total['rows'])} pairs of tasks were run cheaply and in full: {ranks}, the same best "
        f"row for {float(total['same_best']):.0%} of {targets} "
        f"{'target' if targets == 1 else 'targets'}; taking the best cheap row loses "
        f"{float(total['lost']):.1f} points, always taking the most popular row "
        f"{float(total['lost_popular']):.1f}.{warning}"
    )
