"""Rule summarise_learning: does each task learn, by its English dev score against chance?"""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.core.receipts import read_receipt
    from xstilts.evaluation.learning import from_receipts, learning, write_learning

    trained = json.loads(snakemake.params.trained)
    for task in trained:
        task["receipts"] = [read_receipt(Path(folder)) for folder in task["folders"]]
    table = learning(from_receipts(trained), pq.read_table(snakemake.input.scores))
    write_learning(table, Path(snakemake.output.learning))


run_script(main, snakemake)
