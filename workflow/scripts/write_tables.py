"""Rule write_tables: the page's tables as TSV and LaTeX."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.report import exports, frames
    from xstilts.report.input_files import read_inputs

    shared = json.loads(snakemake.params.shared)
    inputs = read_inputs(dict(snakemake.input.items()), **shared)
    for tsv, latex in zip(snakemake.output.tsv, snakemake.output.latex, strict=True):
        name = Path(tsv).stem
        frames.write_tsv(exports.numbers(name, inputs), Path(tsv))
        caption = inputs.captions.get(name, "")
        frames.write_latex(exports.printed(name, inputs), Path(latex), caption)


run_script(main, snakemake)
