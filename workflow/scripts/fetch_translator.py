"""Rule fetch_translator: the files of a translation model on the Hub."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.hub.access import Repository
    from xstilts.hub.secrets import hub_settings
    from xstilts.hub.translators import fetch_translator

    asked = snakemake.wildcards
    # Where the Hub is asked decides nothing, hence from the config and not by params.
    how = hub_settings(snakemake.config)
    repository = Repository("model", f"{asked.owner}/{asked.name}", asked.revision, **how)
    fetch_translator(repository, Path(snakemake.output.manifest).parent)


run_script(main, snakemake)
