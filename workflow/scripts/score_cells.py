"""Rule score_cells: scores by cell, language and metric."""

import json

from xstilts.study.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.evaluation.scores import score_cells

    cells = json.loads(snakemake.params.cells)
    for cell, predictions in zip(cells, snakemake.input.predictions, strict=True):
        cell["predictions"] = predictions
    metrics = {cell["target"]: cell["metrics"] for cell in cells}
    pq.write_table(score_cells(cells, metrics), snakemake.output.scores)


run_script(main, snakemake)
