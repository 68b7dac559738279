"""Rule compute_gains: gains over the baseline with paired bootstrap intervals."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.core.files import write_atomically, write_text
    from xstilts.evaluation.cells import done_cells, predictions_of
    from xstilts.evaluation.gains import gains
    from xstilts.evaluation.item_errors import item_errors

    files = snakemake.input
    cells = done_cells(
        snakemake.params.cells, predictions_of(snakemake.params.cells), Path(files.index)
    )
    same_data = {(cell["intermediate"], cell["target"]) for cell in cells if cell["same_data"]}
    settings = {"numerics": snakemake.params.numerics}
    intervals = json.loads(snakemake.params.intervals)
    table, problems = gains(cells, pq.read_table(files.scores), same_data, **intervals, **settings)
    lines = "".join(f"{line}\n" for line in problems)
    write_atomically(Path(snakemake.output.gains), lambda file: pq.write_table(table, file))
    write_text(Path(snakemake.output.problems), lines)
    errors = item_errors(cells, **intervals)
    write_atomically(Path(snakemake.output.errors), lambda file: pq.write_table(errors, file))


run_script(main, snakemake)
