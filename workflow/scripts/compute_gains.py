"""Rule compute_gains: gains over the baseline with paired bootstrap intervals."""

import json
from pathlib import Path

from xstilts.study.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.evaluation.gains import gains

    cells = json.loads(snakemake.params.cells)
    for cell, predictions in zip(cells, snakemake.input.predictions, strict=True):
        cell["predictions"] = predictions
    same_data = {(cell["intermediate"], cell["target"]) for cell in cells if cell["same_data"]}
    table, problems = gains(
        cells,
        pq.read_table(snakemake.input.scores),
        same_data,
        **json.loads(snakemake.params.intervals),
    )
    pq.write_table(table, snakemake.output.gains)
    Path(snakemake.output.problems).write_text("".join(f"{line}\n" for line in problems))


run_script(main, snakemake)
