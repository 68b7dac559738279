"""Rule write_tables: the page's tables as TSV and LaTeX."""

import json
from pathlib import Path

from xstilts.study.jobs.scripting import run_script


def main(snakemake):
    from xstilts.report import paper_tables, tables
    from xstilts.report.reading import read_inputs

    shared = json.loads(snakemake.params.shared)
    inputs = read_inputs(dict(snakemake.input.items()), **shared)
    for tsv, latex in zip(snakemake.output.tsv, snakemake.output.latex, strict=True):
        name = Path(tsv).stem
        tables.write_tsv(paper_tables.numbers(name, inputs), Path(tsv))
        caption = inputs.captions.get(name, "")
        tables.write_latex(paper_tables.printed(name, inputs), Path(latex), caption)


run_script(main, snakemake)
