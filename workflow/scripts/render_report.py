"""Rule render_report: the page."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.report.input_files import read_inputs
    from xstilts.report.page import render

    shared = json.loads(snakemake.params.shared)
    inputs = read_inputs(dict(snakemake.input.items()), **shared)
    Path(snakemake.output.page).write_text(render(inputs), encoding="utf-8")


run_script(main, snakemake)
