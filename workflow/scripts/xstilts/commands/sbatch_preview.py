"""What SLURM will be told of each rule: the lines of `sbatch`, made by Snakemake's own plugin."""

import re
from collections.abc import Iterable

from xstilts.core.errors import StudyError
from xstilts.jobs.snakemake_bridge import SentRule, Submissions, sbatch_line


def preview(submissions: Submissions, runs: Iterable[str]) -> str:
    """The line of `sbatch` of a job of every rule at its first attempt, and what the last asks for.

    `runs` are the names of the study's runs; a rule that makes runs is shown with the first of
    them that is its own, and left out if there is none.

    Raises:
        StudyError: the jobs do not go to SLURM, or its plugin is not installed.
    """
    if submissions.executor != "slurm":
        raise StudyError("sbatch-preview shows what SLURM is told: give --profile profiles/slurm.")
    runs = list(runs)
    lines: list[str] = []
    for rule in submissions.rules:
        run = next((run for run in runs if _makes(rule, run)), None)
        if run is not None or not rule.run_pattern:
            lines += _lines(rule, run, submissions)
    return "\n".join(lines)


def _makes(rule: SentRule, run: str) -> bool:
    return bool(rule.run_pattern and re.fullmatch(rule.run_pattern, run))


def _lines(rule: SentRule, run: str | None, submissions: Submissions) -> list[str]:
    wildcards = {"run": run} if run else {}
    first = rule.resources(wildcards, 1)
    last = rule.resources(wildcards, submissions.attempts)
    lines = [
        f"{rule.name}" + (f" ({run})" if run else ""),
        f"  {sbatch_line(first, submissions.requeue)}",
        f"  attempt {submissions.attempts}: --mem {last['mem_mb']} -t {last['runtime']}",
    ]
    if rule.group:
        lines.append(f"  sent in group '{rule.group}', which asks for the sum of its jobs")
    return lines
