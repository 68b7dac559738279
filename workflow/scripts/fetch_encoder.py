"""Rule fetch_encoder: the files of an encoder on the Hub."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.hub.access import Repository
    from xstilts.hub.models import fetch_encoder

    repository = Repository.asked("model", snakemake.wildcards, snakemake.config)
    fetch_encoder(repository, Path(snakemake.output.manifest).parent)


run_script(main, snakemake)
