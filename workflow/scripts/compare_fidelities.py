"""Rule compare_fidelities: what cheap runs told of full ones, by target."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pandas as pd

    from xstilts.core.tsv import rows_of, write_tsv
    from xstilts.inference.fidelity import compare_fidelities

    files = snakemake.input
    full, cheap = (pd.read_parquet(path) for path in (files.gains, files.cheap))
    table = compare_fidelities(full, cheap, snakemake.params.without_languages)
    write_tsv(Path(snakemake.output.table), *rows_of(table), numbers=".6g")


run_script(main, snakemake)
