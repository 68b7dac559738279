"""The cells of a study that have numbers to give."""

import csv
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError
from xstilts.core.paths import stage_folder
from xstilts.core.receipts import DamagedRun, raise_damaged, read_receipts, verify
from xstilts.evaluation.numerics import numerics_of

# In the metadata of a file of predictions: digest of the prepared data by target, as JSON.
MADE_ON = b"prepared_data"


def predictions_of(cells: str) -> list[str]:
    """The file of predictions of each of the study's cells, which are JSON, in their order."""
    runs = stage_folder("target")
    return [str(runs / cell["run"] / "predictions.parquet") for cell in json.loads(cells)]


def done_cells(cells: str, predictions: Sequence[str], index: Path) -> list[dict[str, Any]]:
    """The cells whose run did not diverge, each with the path of its predictions and its numerics.

    Their files are read in full and compared with what their receipts promise.

    Args:
        cells: the study's cells as JSON, in its order.
        predictions: a predictions file per cell, in the same order.
        index: the study's index.tsv.

    Raises:
        StudyError: the index is not that of these cells.
        DamagedRun: predictions are no longer what their receipt says, or were made on other data
            than the recipe's.
    """
    listed_cells = json.loads(cells)
    with index.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    folders = [Path(path).parent for path in predictions]
    receipts = read_receipts(folders)
    listed = [(row["run"], row["status"]) for row in rows]
    expected = [
        (cell["run"], receipts[folder]["status"])
        for cell, folder in zip(listed_cells, folders, strict=True)
    ]
    if listed != expected:
        raise StudyError(f"{index} lists other runs than the study has: delete it and run again.")
    _check_files(dict(zip(map(Path, predictions), folders, strict=True)), receipts)
    return [
        cell | {"predictions": path, "numerics": numerics_of(receipts[Path(path).parent])}
        for cell, path, (_, status) in zip(listed_cells, predictions, listed, strict=True)
        if status == "done"
    ]


def _check_files(folders: dict[Path, Path], receipts: dict[Path, dict[str, Any]]) -> None:
    damaged = []
    for path, folder in folders.items():
        try:
            verify(folder, receipts[folder], remember=False)
            _check_data(path, folder, receipts[folder].get("recipe", {}))
        except DamagedRun as error:
            damaged.append(error)
    raise_damaged(damaged)


def _check_data(path: Path, folder: Path, recipe: dict[str, Any]) -> None:
    """Whether predictions were made on the very data that the run's name stands for."""
    promised = {test_set["target"]: test_set["data"] for test_set in recipe.get("evaluation", [])}
    if promised and prepared_data(path) != promised:
        raise DamagedRun(folder, f"{path} holds predictions on other data than its recipe names")


def prepared_data(path: Path) -> dict[str, str]:
    """Digest of the prepared data that predictions were made on, by target; empty if unnamed."""
    with suppress(OSError, ValueError, pa.ArrowException):
        return json.loads((pq.read_schema(path).metadata or {}).get(MADE_ON, b"{}"))
    return {}
