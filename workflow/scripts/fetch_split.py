"""Rule fetch_split: one split of a data set on the Hub, as one Parquet file."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.hub.access import Repository
    from xstilts.hub.secrets import hub_settings
    from xstilts.hub.splits import fetch_split

    asked = snakemake.wildcards
    name = f"{asked.owner}/{asked.name}"
    # Where the Hub is asked decides nothing, hence from the config and not by params.
    how = hub_settings(snakemake.config)
    repository = Repository("dataset", name, asked.revision, **how)
    rows = fetch_split(repository, asked.config, asked.split, Path(snakemake.output[0]))
    print(f"{name} {asked.config} {asked.split}: {rows} rows")


run_script(main, snakemake)
