"""Rule summarise_scores: XTREME's averages, and the best intermediate task of each target."""

import json
from pathlib import Path

from xstilts.study.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.evaluation.summary import best_intermediates, target_scores
    from xstilts.evaluation.xtreme import english_dev, write_tsv, xtreme_table
    from xstilts.study.receipts import read_receipt

    scores = pq.read_table(snakemake.input.scores)
    cells = [
        cell | {"receipt": receipt}
        for cell, path in zip(
            json.loads(snakemake.params.cells), snakemake.input.receipts, strict=True
        )
        if (receipt := read_receipt(Path(path).parent))["status"] == "done"
    ]
    best = best_intermediates(english_dev(cells), target_scores(scores))
    write_tsv(xtreme_table(scores), Path(snakemake.output.xtreme))
    write_tsv(best, Path(snakemake.output.best))


run_script(main, snakemake)
