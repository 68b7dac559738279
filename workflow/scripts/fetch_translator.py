"""Rule fetch_translator: the files of a translation model on the Hub."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.hub.access import Repository
    from xstilts.hub.translators import fetch_translator

    repository = Repository.asked("model", snakemake.wildcards, snakemake.config)
    fetch_translator(repository, Path(snakemake.output.manifest).parent)


run_script(main, snakemake)
