"""Rule fetch_split: one split of a data set on the Hub, as one Parquet file."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.hub.access import Repository
    from xstilts.hub.secrets import hub_settings
    from xstilts.hub.splits import fetch_split

    found = snakemake.wildcards
    name = f"{found.owner}/{found.name}"
    # Where the Hub is asked decides nothing, hence from the config and not by params.
    how = hub_settings(snakemake.config)
    repository = Repository("dataset", name, found.revision, **how)
    rows = fetch_split(repository, found.config, found.split, Path(snakemake.output[0]))
    print(f"{name} {found.config} {found.split}: {rows} rows")


run_script(main, snakemake)
