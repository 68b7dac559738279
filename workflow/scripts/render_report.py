"""Rule render_report: the page."""

import json
from pathlib import Path

from xstilts.study.jobs.scripting import run_script


def main(snakemake):
    from xstilts.report.page import render
    from xstilts.report.reading import read_inputs

    shared = json.loads(snakemake.params.shared)
    inputs = read_inputs(dict(snakemake.input.items()), **shared)
    Path(snakemake.output.page).write_text(render(inputs), encoding="utf-8")


run_script(main, snakemake)
