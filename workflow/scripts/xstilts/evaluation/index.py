"""index.tsv: every cell of a study with its run and status."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.core.files import write_text
from xstilts.core.paths import stage_folder
from xstilts.core.receipts import read_receipts

COLUMNS = ("intermediate", "target", "seed", "fidelity", "run", "parent_run", "status")


def write_index(cells: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the index of `cells`, whose runs are finished.

    `fidelity` is `full`, or the name of the fidelity that the cell is run at.
    """
    text = io.StringIO(newline="")
    table = csv.DictWriter(
        text, COLUMNS, delimiter="\t", extrasaction="ignore", lineterminator="\n"
    )
    table.writeheader()
    folders = [stage_folder("target") / cell["run"] for cell in cells]
    receipts = read_receipts(folders)
    for cell, folder in zip(cells, folders, strict=True):
        table.writerow({**cell, "status": receipts[folder]["status"]})
    write_text(path, text.getvalue())
