"""Rule summarise_scores: XTREME's averages."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.core.tsv import write_tsv
    from xstilts.evaluation.xtreme import xtreme_table

    scores = pq.read_table(snakemake.input.scores)
    table = xtreme_table(scores)
    write_tsv(Path(snakemake.output.xtreme), table.column_names, table.to_pylist())


run_script(main, snakemake)
