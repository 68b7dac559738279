"""Rule compare_fidelities: what cheap runs told of full ones, by target."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pandas as pd

    from xstilts.core.files import write_atomically
    from xstilts.inference.fidelity import compare_fidelities

    files = snakemake.input
    full, cheap = (pd.read_parquet(path) for path in (files.gains, files.cheap))
    table = compare_fidelities(full, cheap, snakemake.params.without_languages)

    def write(file):
        table.to_csv(file, sep="\t", index=False, float_format="%.6g")

    write_atomically(Path(snakemake.output.table), write)


run_script(main, snakemake)
