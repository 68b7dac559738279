"""Rule render_report: the page."""

import json
from dataclasses import replace
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.report.input_files import read_inputs
    from xstilts.report.page import render
    from xstilts.report.provenance import surroundings

    shared = json.loads(snakemake.params.shared)
    inputs = read_inputs(dict(snakemake.input.items()), **shared)
    inputs = replace(inputs, versions={**surroundings(), **inputs.versions})
    Path(snakemake.output.page).write_text(render(inputs), encoding="utf-8")


run_script(main, snakemake)
