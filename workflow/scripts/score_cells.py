"""Rule score_cells: scores by cell, language and metric."""

from pathlib import Path

from xstilts.study.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.evaluation.cells import done_cells
    from xstilts.evaluation.scores import score_cells

    files = snakemake.input
    cells = done_cells(snakemake.params.cells, files.predictions, Path(files.index))
    metrics = {cell["target"]: cell["metrics"] for cell in cells}
    pq.write_table(score_cells(cells, metrics), snakemake.output.scores)


run_script(main, snakemake)
