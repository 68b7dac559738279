"""index.tsv: every cell of a study with its run and status."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from xstilts.core.files import write_text
from xstilts.core.receipts import read_receipts

COLUMNS = ("intermediate", "target", "seed", "fidelity", "run", "parent_run", "status")


def write_index(cells: Iterable[Mapping[str, Any]], receipts: Sequence[str], path: Path) -> None:
    """Write the index of `cells`; `receipts` are those of their runs, in the same order.

    `fidelity` is `full`, or the name of the fidelity that the cell is run at.
    """
    text = io.StringIO(newline="")
    table = csv.DictWriter(
        text, COLUMNS, delimiter="\t", extrasaction="ignore", lineterminator="\n"
    )
    table.writeheader()
    folders = [Path(receipt).parent for receipt in receipts]
    found = read_receipts(folders)
    for cell, folder in zip(cells, folders, strict=True):
        table.writerow({**cell, "status": found[folder]["status"]})
    write_text(path, text.getvalue())
