"""Rule write_submission: chosen rows and baseline in XTREME's format, with what they lack."""

from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.evaluation.submission import submit

    files, made = snakemake.input, snakemake.output
    for cells, index, best, folder, notes in zip(
        snakemake.params.cells, files.index, files.best, made.folders, made.notes, strict=True
    ):
        submit(cells, *map(Path, (index, best, folder, notes)))


run_script(main, snakemake)
