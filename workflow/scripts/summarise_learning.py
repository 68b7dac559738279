"""Rule summarise_learning: does each task learn, by its English dev score against chance?"""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.core.receipts import read_receipt
    from xstilts.core.tsv import write_tsv
    from xstilts.evaluation.learning import from_receipts, learning

    trained = json.loads(snakemake.params.trained)
    for task in trained:
        task["receipts"] = [read_receipt(Path(folder)) for folder in task["folders"]]
    table = learning(from_receipts(trained), pq.read_table(snakemake.input.scores))
    write_tsv(Path(snakemake.output.learning), table.column_names, table.to_pylist())


run_script(main, snakemake)
