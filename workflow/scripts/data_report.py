"""Rule data_report: which data of a study are there, printed and as a table."""

import json
import sys
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.commands.data_report import look, read_sizes, report, write_table

    inventory = look(json.loads(snakemake.params.parts), read_sizes(Path(snakemake.params.sizes)))
    table = Path(snakemake.params.table)
    write_table(inventory, table)
    print(report(inventory), f"\nRow by row: {table}", sep="\n", file=sys.__stdout__, flush=True)


run_script(main, snakemake)
