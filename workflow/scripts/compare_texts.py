"""Rule compare_texts: what the training sets of a study share with its test sets."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script, tell


def main(snakemake):
    from xstilts.core.tsv import write_tsv
    from xstilts.preparation.contamination import shared_texts, unnamed
    from xstilts.sources import source_of

    folders = json.loads(snakemake.params.folders)
    table = shared_texts(
        {task: Path(folder) for task, folder in folders["training"].items()},
        {task: Path(folder) for task, folder in folders["tests"].items()},
    )
    # Generated text is all of one grammar, in which sentences recur.
    generated = source_of(snakemake.params.source).is_generated
    tell([] if generated else unnamed(table))
    write_tsv(Path(snakemake.output.table), table.column_names, table.to_pylist())


run_script(main, snakemake)
