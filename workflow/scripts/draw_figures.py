"""Rule draw_figures: every figure as SVG and PNG."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.report import drawing, figures
    from xstilts.report.input_files import read_inputs

    shared = json.loads(snakemake.params.shared)
    inputs = read_inputs(dict(snakemake.input.items()), **shared)
    for vector, picture in zip(snakemake.output.vector, snakemake.output.picture, strict=True):
        name = Path(vector).stem
        chart = figures.specification(name, inputs) or figures.empty(name)
        drawing.save(chart, Path(vector), Path(picture))


run_script(main, snakemake)
