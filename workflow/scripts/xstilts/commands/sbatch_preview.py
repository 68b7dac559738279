"""What SLURM will be told of each rule: the lines of `sbatch`, made by Snakemake's own plugin."""

from collections.abc import Callable, Iterable
from functools import partial

from xstilts.core.errors import StudyError
from xstilts.jobs.snakemake_bridge import SentRule, Submissions, sbatch_line

# Of a job at an attempt.
Minutes = Callable[[int], int]


def preview(submissions: Submissions, receipts: Iterable[str]) -> str:
    """The line of `sbatch` of a job of every rule at its first attempt, and what the last asks for.

    `receipts` are those of the study's runs; a rule that makes runs is shown with the first of
    them that is its own, and left out if there is none.

    Raises:
        StudyError: the jobs do not go to SLURM, or its plugin is not installed.
    """
    if submissions.executor != "slurm":
        raise StudyError("sbatch-preview shows what SLURM is told: give --profile profiles/slurm.")
    receipts = list(receipts)
    lines: list[str] = []
    groups: dict[str, list[Minutes]] = {}
    for rule in submissions.rules:
        run = next(filter(None, map(rule.makes, receipts)), None)
        if run is None and rule.is_of_runs:
            continue
        wildcards = {"run": run} if run else {}
        lines += _lines(rule, run, wildcards, submissions)
        if rule.group:
            minutes = partial(_minutes, rule, wildcards)
            groups.setdefault(rule.group, []).append(minutes)
    lines += [_sum(group, jobs, submissions.attempts) for group, jobs in groups.items()]
    return "\n".join(lines)


def _lines(
    rule: SentRule, run: str | None, wildcards: dict[str, str], submissions: Submissions
) -> list[str]:
    first = rule.resources(wildcards, 1)
    last = rule.resources(wildcards, submissions.attempts)
    lines = [
        f"{rule.name}" + (f" ({run})" if run else ""),
        f"  {sbatch_line(first, submissions.requeue)}",
        f"  attempt {submissions.attempts}: --mem {last['mem_mb']} -t {last['runtime']}",
    ]
    if rule.group:
        lines.append(f"  sent in group '{rule.group}' (its sum: below)")
    return lines


def _sum(group: str, jobs: list[Minutes], attempts: int) -> str:
    """What a group asks for at most: Snakemake adds up the minutes of jobs that need each other.

    Jobs that do not go side by side, for the longest of them (`GroupResources.basic_layered` in
    snakemake/resources.py); as if all needed each other, the sum is never below that.
    """
    first, last = (sum(minutes(attempt) for minutes in jobs) for attempt in (1, attempts))
    return (
        f"group {group}: {len(jobs)} rules, at most {first} minutes in sum, "
        f"{last} at attempt {attempts}"
    )


def _minutes(rule: SentRule, wildcards: dict[str, str], attempt: int) -> int:
    return int(rule.resources(wildcards, attempt)["runtime"])
