"""Rule write_submission: chosen rows and baseline in XTREME's format, with what they lack."""

import csv
import shutil
from pathlib import Path

from xstilts.jobs.scripting import run_script


def main(snakemake):
    from xstilts.core.files import write_text
    from xstilts.evaluation.cells import done_cells, predictions_of
    from xstilts.evaluation.submission import write_submissions

    files, folder = snakemake.input, Path(snakemake.output.folder)
    cells = done_cells(
        snakemake.params.cells, predictions_of(snakemake.params.cells), Path(files.index)
    )
    with Path(files.best).open(encoding="utf-8", newline="") as stream:
        best = list(csv.DictReader(stream, delimiter="\t"))
    shutil.rmtree(folder, ignore_errors=True)
    problems = write_submissions(cells, best, folder)
    write_text(Path(snakemake.output.notes), "".join(f"{line}\n" for line in problems))


run_script(main, snakemake)
