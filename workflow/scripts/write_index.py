"""Rule write_index: every cell of the study with its run and status."""

import csv
import json
from pathlib import Path

from xstilts.study.receipts import read_receipt
from xstilts.study.scripting import run_script

COLUMNS = ("intermediate", "target", "seed", "run", "parent_run", "status")


def main(snakemake):
    # What `code: pinned` goes back to.
    Path(snakemake.output.code).write_text(snakemake.params.code + "\n", encoding="utf-8")
    with Path(snakemake.output.index).open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(
            stream, COLUMNS, delimiter="\t", extrasaction="ignore", lineterminator="\n"
        )
        table.writeheader()
        cells = json.loads(snakemake.params.cells)
        for cell, receipt in zip(cells, snakemake.input.receipts, strict=True):
            table.writerow(cell | {"status": read_receipt(Path(receipt).parent)["status"]})


run_script(main, snakemake)
