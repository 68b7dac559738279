"""Rule write_index: every cell of the study with its run and status."""

import json
from pathlib import Path

from xstilts.core.files import write_text
from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.evaluation.index import write_index

    write_index(json.loads(snakemake.params.cells), Path(snakemake.output.index))
    # What `code: pinned` goes back to.
    write_text(Path(snakemake.output.code), snakemake.params.code + "\n")


run_script(main, snakemake)
