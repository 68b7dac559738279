"""Rule write_index: every cell of the study with its run and status."""

import json
from pathlib import Path

from xstilts.core.files import write_text
from xstilts.core.receipts import read_receipts
from xstilts.core.tsv import write_tsv
from xstilts.jobs.scripting import run_script

COLUMNS = ("intermediate", "target", "seed", "run", "parent_run", "status")


def main(snakemake):
    cells = json.loads(snakemake.params.cells)
    folders = [Path(receipt).parent for receipt in snakemake.input.receipts]
    receipts = read_receipts(folders)
    rows = [
        cell | {"status": receipts[folder]["status"]}
        for cell, folder in zip(cells, folders, strict=True)
    ]
    write_tsv(Path(snakemake.output.index), COLUMNS, rows)
    # What `code: pinned` goes back to.
    write_text(Path(snakemake.output.code), snakemake.params.code + "\n")


run_script(main, snakemake)
