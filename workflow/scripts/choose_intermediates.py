"""Rule choose_intermediates: the best intermediate task of each target, and what it beat."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.receipts import read_receipt
    from xstilts.core.tsv import write_tsv
    from xstilts.evaluation.cells import done_cells
    from xstilts.evaluation.choice import choose_intermediates
    from xstilts.evaluation.layer_scores import layers_table

    files, params = snakemake.input, snakemake.params
    cells = [
        cell | {"receipt": read_receipt(Path(cell["predictions"]).parent)}
        for cell in done_cells(params.cells, files.predictions, Path(files.index))
    ]
    best, rivals = choose_intermediates(cells, params.choose_on, **params.intervals)
    output = snakemake.output
    tables = {output.best: best, output.rivals: rivals, output.layers: layers_table(cells)}
    for path, table in tables.items():
        write_tsv(Path(path), table.column_names, table.to_pylist())


run_script(main, snakemake)
