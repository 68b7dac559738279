"""Rule write_index: every cell of the study with its run and status."""

import csv
import io
import json
from pathlib import Path

from xstilts.core.files import write_text
from xstilts.core.receipts import read_receipt
from xstilts.jobs.scripting import run_script

COLUMNS = ("intermediate", "target", "seed", "run", "parent_run", "status")


def main(snakemake):
    cells = json.loads(snakemake.params.cells)
    text = io.StringIO(newline="")
    table = csv.DictWriter(
        text, COLUMNS, delimiter="\t", extrasaction="ignore", lineterminator="\n"
    )
    table.writeheader()
    for cell, receipt in zip(cells, snakemake.input.receipts, strict=True):
        table.writerow(cell | {"status": read_receipt(Path(receipt).parent)["status"]})
    write_text(Path(snakemake.output.index), text.getvalue())
    # What `code: pinned` goes back to.
    write_text(Path(snakemake.output.code), snakemake.params.code + "\n")


run_script(main, snakemake)
