"""The cells of a study that have numbers to give."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.core.receipts import read_receipt, verify


def done_cells(cells: str, predictions: Sequence[str], index: Path) -> list[dict[str, Any]]:
    """The cells whose run did not diverge, each with the path of its predictions.

    Their files are read in full and compared with what their receipts promise.

    Args:
        cells: the study's cells as JSON, in its order.
        predictions: a predictions file per cell, in the same order.
        index: the study's index.tsv.

    Raises:
        StudyError: the index is not that of these cells.
        DamagedRun: predictions are no longer what their receipt says.
    """
    found = json.loads(cells)
    with index.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    folders = [Path(path).parent for path in predictions]
    receipts = {folder: read_receipt(folder) for folder in dict.fromkeys(folders)}
    listed = [(row["run"], row["status"]) for row in rows]
    expected = [
        (cell["run"], receipts[folder]["status"])
        for cell, folder in zip(found, folders, strict=True)
    ]
    if listed != expected:
        raise StudyError(f"{index} lists other runs than the study has: delete it and run again.")
    for folder, receipt in receipts.items():
        verify(folder, receipt, remember=False)
    return [
        cell | {"predictions": path}
        for cell, path, (_, status) in zip(found, predictions, listed, strict=True)
        if status == "done"
    ]
