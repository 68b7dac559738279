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

    found = []
    for sample in samples:
        last = sample.resources(attempts)
        found += [
            f"{sample.rule}" + (f" ({sample.run})" if sample.run else ""),
            f"  {line(sample.resources(1))}",
            f"  attempt {attempts}: --mem {last['mem_mb']} -t {last['runtime']}",
        ]
        if sample.group:
            found.append(f"  sent in group '{sample.group}', which asks for the sum of its jobs")
    return "\n".join(found)
