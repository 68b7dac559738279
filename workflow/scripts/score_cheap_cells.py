"""Rule score_cheap_cells: scores of the cheap cells, and gains over the cheap baseline."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.core.files import write_atomically, write_text
    from xstilts.evaluation.cells import done_cells, predictions_of
    from xstilts.evaluation.gains import gains
    from xstilts.evaluation.index import write_index
    from xstilts.evaluation.scores import score_cells

    output, params = snakemake.output, snakemake.params
    write_index(json.loads(params.cells), Path(output.index))
    cells = done_cells(params.cells, predictions_of(params.cells), Path(output.index))
    scores = score_cells(cells, {cell["target"]: cell["metrics"] for cell in cells})
    write_atomically(Path(output.scores), lambda file: pq.write_table(scores, file))
    same_data = {(cell["intermediate"], cell["target"]) for cell in cells if cell["same_data"]}
    intervals = json.loads(params.intervals)
    table, problems = gains(cells, scores, same_data, numerics=params.numerics, **intervals)
    write_atomically(Path(output.gains), lambda file: pq.write_table(table, file))
    write_text(Path(output.problems), "".join(f"{line}\n" for line in problems))


run_script(main, snakemake)
