"""Rule fetch_split: one split of a data set on the Hub, as one Parquet file."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.hub.access import Repository
    from xstilts.hub.splits import fetch_split

    asked = snakemake.wildcards
    repository = Repository.asked("dataset", asked, snakemake.config)
    rows = fetch_split(repository, asked.config, asked.split, Path(snakemake.output[0]))
    print(f"{repository.name} {asked.config} {asked.split}: {rows} rows")


run_script(main, snakemake)
