"""Rule fetch_encoder: the files of an encoder on the Hub."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.hub.access import Repository
    from xstilts.hub.models import fetch_encoder
    from xstilts.hub.secrets import hub_settings

    asked = snakemake.wildcards
    # Where the Hub is asked decides nothing, hence from the config and not by params.
    how = hub_settings(snakemake.config)
    repository = Repository("model", f"{asked.owner}/{asked.name}", asked.revision, **how)
    fetch_encoder(repository, Path(snakemake.output.manifest).parent)


run_script(main, snakemake)
