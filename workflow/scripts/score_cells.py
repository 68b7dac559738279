"""Rule score_cells: scores by cell, language and metric."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.core.files import write_atomically
    from xstilts.evaluation.cells import done_cells, predictions_of
    from xstilts.evaluation.scores import score_cells

    files = snakemake.input
    cells = done_cells(
        snakemake.params.cells, predictions_of(snakemake.params.cells), Path(files.index)
    )
    metrics = {cell["target"]: cell["metrics"] for cell in cells}
    table = score_cells(cells, metrics)
    write_atomically(Path(snakemake.output.scores), lambda file: pq.write_table(table, file))


run_script(main, snakemake)
