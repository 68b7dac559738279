"""Rule write_index: every cell of the study with its run and status."""

import csv
import io
import json
from pathlib import Path

from xstilts.core.files import write_text
from xstilts.core.paths import stage_folder
from xstilts.core.receipts import read_receipts
from xstilts.jobs.scripting import run_script

COLUMNS = ("intermediate", "target", "seed", "run", "parent_run", "status")


def main(snakemake):
    cells = json.loads(snakemake.params.cells)
    text = io.StringIO(newline="")
    table = csv.DictWriter(
        text, COLUMNS, delimiter="\t", extrasaction="ignore", lineterminator="\n"
    )
    table.writeheader()
    folders = [stage_folder("target") / cell["run"] for cell in cells]
    receipts = read_receipts(folders)
    for cell, folder in zip(cells, folders, strict=True):
        table.writerow(cell | {"status": receipts[folder]["status"]})
    write_text(Path(snakemake.output.index), text.getvalue())
    # What `code: pinned` goes back to.
    write_text(Path(snakemake.output.code), snakemake.params.code + "\n")


run_script(main, snakemake)
