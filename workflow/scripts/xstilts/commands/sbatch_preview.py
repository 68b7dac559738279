"""What SLURM will be told of each rule: the lines of `sbatch`, made by Snakemake's own plugin."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from xstilts.core.errors import StudyError

PLUGIN = "snakemake_executor_plugin_slurm"


@dataclass(frozen=True)
class Sample:
    """One job of a rule: its name, the group it is sent with, and its resources by attempt."""

    rule: str
    run: str | None
    group: str | None
    resources: Callable[[int], Any]


def preview(samples: Iterable[Sample], requeue: bool, attempts: int) -> str:
    """The line of `sbatch` of every sample at its first attempt, and what the last one asks for.

    Without what differs from call to call: job name, log, comment, and the command itself.

    Raises:
        StudyError: the plugin is not installed.
    """
    try:
        from snakemake_executor_plugin_slurm.submit_string import get_submit_command
        from snakemake_executor_plugin_slurm.utils import set_gres_string
    except ImportError:
        raise StudyError(
            "Snakemake's SLURM plugin is not installed: pip install '.[slurm]'"
        ) from None
    settings = SimpleNamespace(requeue=requeue, no_requeue=False, qos=None, reservation=None)

    def line(resources: Any) -> str:
        account, partition = resources.get("slurm_account"), resources.get("slurm_partition")
        told = {
            "run_uuid": "NAME",
            "slurm_logfile": "LOG",
            "comment_str": "RULE",
            "account": f"-A {account}" if account else "",
            "partition": f"-p {partition}" if partition else "",
            "workdir": None,
        }
        job = SimpleNamespace(resources=resources, threads=resources["_cores"])
        text = get_submit_command(job, told, settings=settings) + set_gres_string(job)
        return " ".join(text.split())

    found: list[str] = []
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        last = sample.resources(attempts)
        found += [
            f"{sample.rule}" + (f" ({sample.run})" if sample.run else ""),
            f"  {line(sample.resources(1))}",
            f"  attempt {attempts}: --mem {last['mem_mb']} -t {last['runtime']}",
        ]
        if sample.group:
            groups.setdefault(sample.group, []).append(sample)
            found.append(f"  sent in group '{sample.group}' (its sum: below)")
    found += [_sum(group, members, attempts) for group, members in groups.items()]
    return "\n".join(found)


def _sum(group: str, members: list[Sample], attempts: int) -> str:
    """What a group asks for at most: Snakemake adds up the minutes of jobs that need each other.

    Jobs that do not go side by side, for the longest of them (`GroupResources.basic_layered` in
    snakemake/resources.py); as if all needed each other, the sum is never below that.
    """
    first, last = (sum(_minutes(one, attempt) for one in members) for attempt in (1, attempts))
    return (
        f"group {group}: {len(members)} rules, at most {first} minutes in sum, "
        f"{last} at attempt {attempts}"
    )


def _minutes(sample: Sample, attempt: int) -> int:
    return int(sample.resources(attempt)["runtime"])
