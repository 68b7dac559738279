"""index.tsv: every cell of a study with its run and status."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.core.paths import stage_folder
from xstilts.core.receipts import read_receipts
from xstilts.core.tsv import write_tsv

COLUMNS = ("intermediate", "target", "seed", "fidelity", "run", "parent_run", "status")


def write_index(cells: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the index of `cells`, whose runs are finished.

    `fidelity` is `full`, or the name of the fidelity that the cell is run at.
    """
    folders = [stage_folder("target") / cell["run"] for cell in cells]
    receipts = read_receipts(folders)
    rows = (
        {**cell, "status": receipts[folder]["status"]}
        for cell, folder in zip(cells, folders, strict=True)
    )
    write_tsv(path, COLUMNS, rows)
