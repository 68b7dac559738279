"""What the receipts of all runs say together: cost, versions, faults of the data."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

ORDER = ("encoder", "data", "activations", "intermediate", "target")

Receipt = dict[str, Any]


def stages(receipts: Iterable[Receipt]) -> pd.DataFrame:
    """Runs, CPU seconds and hours of wall time by stage, in the order of the workflow."""
    rows = [
        {
            "stage": receipt["recipe"]["stage"],
            "runs": 1,
            "cpu_seconds": receipt.get("cpu_seconds", 0.0),
            "hours": receipt.get("wall_seconds", 0.0) / 3600,
        }
        for receipt in receipts
    ]
    table = pd.DataFrame(rows).groupby("stage").sum()
    return table.reindex([stage for stage in ORDER if stage in table.index]).reset_index()


def versions(receipts: Iterable[Receipt]) -> dict[str, str]:
    """Versions of the libraries that made the runs; several where they differ."""
    found: dict[str, set[str]] = {}
    for receipt in receipts:
        for name, version in receipt.get("versions", {}).items():
            found.setdefault(name, set()).add(version)
    return {name: ", ".join(sorted(found[name])) for name in sorted(found)}


def data_problems(receipts: Iterable[Receipt]) -> list[str]:
    """What preparation found wrong with the data, once per sentence."""
    return list(
        dict.fromkeys(problem for receipt in receipts for problem in receipt.get("problems", []))
    )
