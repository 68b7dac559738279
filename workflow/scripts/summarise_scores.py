"""Rule summarise_scores: XTREME's averages."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    import pyarrow.parquet as pq

    from xstilts.evaluation.xtreme import write_tsv, xtreme_table

    scores = pq.read_table(snakemake.input.scores)
    write_tsv(xtreme_table(scores), Path(snakemake.output.xtreme))


run_script(main, snakemake)
