"""What Snakemake would run, asked of Snakemake itself, so that a forecast cannot differ from it."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.jobs.snakemake_bridge import SUMMARY_MARK, read_summary


@dataclass(frozen=True)
class Job:
    """A job of the workflow.

    Attributes:
        rule: its rule.
        run: name of the run that it makes; empty for a table.
        pending: whether it would run.
        status: what Snakemake says of its worst output file: missing, params changed, ...; empty
            where all is well.
    """

    rule: str
    run: str
    pending: bool
    status: str


def jobs_of(snakefile: Path, config: dict[str, Any], runs: set[str]) -> list[Job]:
    """Every job behind `rule all` for this config in the working directory.

    `runs` are the names of the study's runs, by which a job is known from its output files.

    Raises:
        StudyError: Snakemake refuses the config.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.json"
        file.write_text(json.dumps(config), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--summary"]
        ended = subprocess.run(
            [*command, "--cores", "1", "--configfile", str(file)], capture_output=True, text=True
        )
    if ended.returncode or SUMMARY_MARK not in ended.stdout:
        raise StudyError(f"Snakemake cannot plan this study: {ended.stderr.strip()}")
    return jobs_in(ended.stdout, runs)


def jobs_in(summary: str, runs: set[str]) -> list[Job]:
    """The jobs in what `snakemake --summary` prints: one line per output file."""
    jobs: dict[tuple[str, str], Job] = {}
    for row in read_summary(summary):
        folder = Path(row.output_file).parent.name
        run = folder if folder in runs else ""
        before = jobs.get((row.rule, run))
        status = row.status if before is None else before.status or row.status
        jobs[row.rule, run] = Job(row.rule, run, row.pending, status)
    return list(jobs.values())
