"""Rule summarise_runs: what the receipts of all runs say together."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.files import write_text
    from xstilts.core.receipts import read_receipt
    from xstilts.report.provenance import runs_together

    paths = snakemake.input.receipts
    summary = runs_together(paths, [read_receipt(Path(path).parent) for path in paths])
    text = json.dumps(summary, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(Path(snakemake.output.runs), text + "\n")


run_script(main, snakemake)
