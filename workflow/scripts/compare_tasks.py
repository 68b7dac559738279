"""Rule compare_tasks: similarity of every intermediate and target task, and a map of tasks."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.core.receipts import read_receipt, verify
    from xstilts.similarity.comparison import Comparison
    from xstilts.similarity.task_map import write_map

    for folder in (Path(receipt).parent for receipt in snakemake.input.receipts):
        verify(folder, read_receipt(folder))
    comparison = Comparison(json.loads(snakemake.params.plan))
    pq.write_table(comparison.table(), snakemake.output.similarity)
    write_map(comparison, Path(snakemake.output.map))
    problems = "".join(f"{sentence}\n" for sentence in comparison.problems)
    Path(snakemake.output.problems).write_text(problems, encoding="utf-8")


run_script(main, snakemake)
