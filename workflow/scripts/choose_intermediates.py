"""Rule choose_intermediates: the best intermediate task of each target, and what it beat."""

import json
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pandas as pd
    import pyarrow as pa

    from xstilts.core.receipts import read_receipt
    from xstilts.core.tsv import write_tsv
    from xstilts.evaluation.cells import done_cells, predictions_of
    from xstilts.evaluation.choice import choose_intermediates
    from xstilts.evaluation.layer_scores import layers_table
    from xstilts.report.tied_best import with_ties

    files, params = snakemake.input, snakemake.params
    cells = [
        cell | {"receipt": read_receipt(Path(cell["predictions"]).parent)}
        for cell in done_cells(params.cells, predictions_of(params.cells), Path(files.index))
    ]
    stated = json.loads(params.run_sd)
    best, rivals = choose_intermediates(cells, params.choose_on, **params.intervals, stated=stated)
    gains, errors = (pd.read_parquet(path) for path in (files.gains, files.errors))
    tied = with_ties(best.to_pandas(), gains, errors, stated)["tied"]
    best = best.append_column("tied", pa.array(tied, pa.string()))
    output = snakemake.output
    tables = {output.best: best, output.rivals: rivals, output.layers: layers_table(cells)}
    for path, table in tables.items():
        write_tsv(Path(path), table.column_names, table.to_pylist())


run_script(main, snakemake)
