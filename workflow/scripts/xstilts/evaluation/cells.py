"""The cells of a study that have numbers to give."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xstilts.study.errors import StudyError


def done_cells(cells: str, predictions: Sequence[str], index: Path) -> list[dict[str, Any]]:
    """The cells whose run did not diverge, each with the path of its predictions.

    Args:
        cells: the study's cells as JSON, in its order.
        predictions: a predictions file per cell, in the same order.
        index: the study's index.tsv.

    Raises:
        StudyError: the index is not that of these cells.
    """
    found = json.loads(cells)
    with index.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    if [row["run"] for row in rows] != [cell["run"] for cell in found]:
        raise StudyError(f"{index} lists other runs than the study has: delete it and run again.")
    listed = zip(found, predictions, rows, strict=True)
    return [cell | {"predictions": path} for cell, path, row in listed if row["status"] == "done"]
