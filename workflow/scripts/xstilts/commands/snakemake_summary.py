"""What Snakemake would run, asked of Snakemake itself, so that a forecast cannot differ from it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.jobs.snakemake_bridge import SUMMARY_MARK, read_summary
from xstilts.plan.encoders import AnyStudy


@dataclass(frozen=True)
class Job:
    """A job of the workflow.

    Attributes:
        rule: its rule.
        run: name of the run that it makes; empty for a table.
        encoder: the one of several encoders whose table it makes; empty for others.
        pending: whether it would run.
        status: what Snakemake says of its worst output file: missing, params changed, ...; empty
            where all is well.
    """

    rule: str
    run: str
    pending: bool
    status: str
    encoder: str = ""

    @property
    def name(self) -> str:
        """What tells a table's job from others."""
        return f"{self.rule} of {self.encoder}" if self.encoder else self.rule


def jobs_of(snakefile: Path, config: dict[str, Any], study: AnyStudy) -> list[Job]:
    """Every job behind `rule all` for this config in the working directory.

    A job is known from its output files, by the names of the runs and encoders of the `study`.

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
    runs = {name for stage in study.runs.values() for name in stage}
    several = study.by_encoder if len(study.by_encoder) > 1 else {}
    return jobs_in(ended.stdout, runs, {own.tables: name for name, own in several.items()})


def jobs_in(
    summary: str, runs: set[str], encoders: Mapping[Path, str] = MappingProxyType({})
) -> list[Job]:
    """The jobs in what `snakemake --summary` prints: one line per output file.

    `encoders` are several encoders' names by the folders of their tables.
    """
    jobs: dict[tuple[str, str, str], Job] = {}
    for row in read_summary(summary):
        folder = Path(row.output_file).parent.name
        run = folder if folder in runs else ""
        parents = Path(row.output_file).parents
        encoder = next((encoders[path] for path in parents if path in encoders), "")
        before = jobs.get((row.rule, run, encoder))
        status = row.status if before is None else before.status or row.status
        jobs[row.rule, run, encoder] = Job(row.rule, run, row.pending, status, encoder)
    return list(jobs.values())
