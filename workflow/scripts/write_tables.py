"""Rule write_tables: the page's tables as TSV and LaTeX."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.files import write_text
    from xstilts.report import exports, frames
    from xstilts.report.input_files import read_inputs
    from xstilts.report.latex import document_part

    shared = json.loads(snakemake.params.shared)
    inputs = read_inputs(dict(snakemake.input.items()), **shared)
    for tsv, latex in zip(snakemake.output.tsv, snakemake.output.latex, strict=True):
        name = Path(tsv).stem
        frames.write_tsv(exports.numbers(name, inputs), Path(tsv))
        caption = inputs.captions.get(name, "")
        text = document_part(exports.printed(name, inputs), caption, name)
        write_text(Path(latex), text)


run_script(main, snakemake)
