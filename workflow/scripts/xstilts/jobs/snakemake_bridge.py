"""Everything of Snakemake (and its SLURM plugin) that is used here and not documented.

Nothing else in the project touches such a name. `tests/unit/jobs/test_snakemake_bridge.py` holds
a test of each, so that an update of Snakemake that takes one away is noticed there.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from xstilts.core.errors import StudyError

SLURM_PLUGIN = "snakemake_executor_plugin_slurm"
# The folder in which Snakemake keeps its own affairs, below the working directory.
STATE = Path(".snakemake")
LOCKS = "locks"
LOCK_FILES = ("*.input.lock", "*.output.lock")
# The first column of what --summary prints, and what its last says of a file to be made.
SUMMARY_MARK = "output_file\t"
PENDING = "update pending"


# A Snakefile that is being read, and the workflow that it makes


def gives_configfile(workflow: Any) -> bool:
    """Whether the command line names a config file."""
    return bool(workflow.overwrite_configfiles)


def configfiles(workflow: Any) -> list[Path]:
    """The config files that were read, by a Snakefile or from the command line."""
    return [Path(file) for file in workflow.configfiles]


def is_main_process(workflow: Any) -> bool:
    """Whether a user called this Snakemake, and not another Snakemake for one of its jobs."""
    return bool(workflow.is_main_process)


def runs_jobs_itself(workflow: Any) -> bool:
    """Whether jobs run as children of this Snakemake; known once it has begun to run them."""
    return bool(workflow.local_exec)


def forces_jobs(workflow: Any) -> bool:
    """Whether the command line forces jobs to run that would not have to."""
    settings = workflow.dag_settings
    return bool(settings.forceall or settings.forcerun or settings.forcetargets)


def rules_to_run(workflow: Any) -> set[str]:
    """Names of the rules that have a job to run, once Snakemake has planned."""
    return {job.rule.name for job in workflow.dag.needrun_jobs()}


# Locks


def lock_files(state: Path = STATE) -> list[Path]:
    """The files by which a Snakemake locks a working directory, of which `state` is the folder."""
    return [path for pattern in LOCK_FILES for path in sorted((state / LOCKS).glob(pattern))]


def own_lock_files(workflow: Any) -> list[Path]:
    """Those of the lock files that this Snakemake has written."""
    return [Path(path) for path in workflow.persistence._lockfile.values()]


# What --config and --configfile mean


def merged_config(files: Sequence[Path], values: Sequence[str]) -> dict[str, Any]:
    """The config that `--configfile files --config values` makes, as Snakemake reads both.

    Raises:
        StudyError: a file cannot be read, or a value is no key=value.
    """
    from snakemake.cli import parse_config
    from snakemake.exceptions import WorkflowError
    from snakemake.settings.types import ConfigSettings

    for file in files:
        if not file.is_file():
            raise StudyError(f"--configfile: there is no file '{file}'.")
    try:
        settings = ConfigSettings(config=parse_config(values), configfiles=list(files))
    except (ValueError, WorkflowError) as error:
        raise StudyError(f"the config cannot be read: {error}") from None
    return settings.overwrite_config


# The text of --summary


@dataclass(frozen=True)
class SummaryRow:
    """A line of what `snakemake --summary` prints: an output file, and what will become of it."""

    output_file: str
    rule: str
    status: str
    pending: bool


def read_summary(text: str) -> Iterator[SummaryRow]:
    """The lines of what `snakemake --summary` printed; `status` is empty where it says "ok"."""
    lines = text[text.index(SUMMARY_MARK) :].splitlines()
    for row in csv.DictReader(lines, delimiter="\t"):
        status = "" if row["status"] == "ok" else row["status"]
        yield SummaryRow(row["output_file"], row["rule"], status, row["plan"] == PENDING)


# What a cluster is told


@dataclass(frozen=True)
class SentRule:
    """A rule whose jobs go to the cluster.

    Attributes:
        name: of the rule.
        is_of_runs: whether it has a wildcard `run`.
        makes: from a file to the wildcard `run` with which it makes that file; None if it does not.
        group: the group that it is sent with.
        resources: of a job with these wildcards at an attempt.
    """

    name: str
    is_of_runs: bool
    makes: Callable[[str], str | None]
    group: str | None
    resources: Callable[[Mapping[str, str], int], Any]


@dataclass(frozen=True)
class Submissions:
    """How a command line of Snakemake sends jobs.

    Attributes:
        executor: its name.
        rules: those whose jobs are sent.
        requeue: whether SLURM starts a job again after a node's death.
        attempts: at each job.
    """

    executor: str
    rules: list[SentRule]
    requeue: bool
    attempts: int


def submissions(words: Sequence[str]) -> Submissions:
    """How `snakemake WORDS` would send jobs; the Snakefile is read, nothing is planned or run.

    Raises:
        StudyError: Snakemake cannot read the profile or the Snakefile; its own words follow.
    """
    from snakemake.api import SnakemakeApi
    from snakemake.cli import parse_args, parse_config
    from snakemake.exceptions import ApiError, CliException, WorkflowError
    from snakemake.settings.types import ConfigSettings, OutputSettings, ResourceSettings

    try:
        # Reads the profile as well.
        arguments = parse_args(list(words))[1]
        with SnakemakeApi(OutputSettings(quiet=arguments.quiet)) as api:
            made = api.workflow(
                resource_settings=ResourceSettings(
                    nodes=arguments.jobs or 1,
                    resources=arguments.resources,
                    overwrite_threads=arguments.set_threads,
                    overwrite_resource_scopes=arguments.set_resource_scopes,
                    overwrite_resources=arguments.set_resources,
                    default_resources=arguments.default_resources,
                ),
                config_settings=ConfigSettings(
                    config=parse_config(arguments.config), configfiles=arguments.configfile or []
                ),
                snakefile=arguments.snakefile,
                workdir=arguments.directory,
            )
            rules = _sent_rules(made._workflow, arguments.groups)
    except (ApiError, CliException, WorkflowError) as error:
        raise StudyError(str(error)) from None
    requeue = bool(getattr(arguments, "slurm_requeue", False))
    return Submissions(arguments.executor or "local", rules, requeue, arguments.retries + 1)


def _sent_rules(workflow: Any, groups: Mapping[str, str]) -> list[SentRule]:
    from snakemake.iocontainers import InputFiles, Wildcards

    def sent(rule: Any) -> SentRule:
        def resources(wildcards: Mapping[str, str], attempt: int) -> Any:
            known = Wildcards(fromdict=dict(wildcards))
            return rule.expand_resources(known, InputFiles(), attempt)

        def makes(file: str) -> str | None:
            matches = (output.match(file) for output in rule.output)
            return next((match["run"] for match in matches if match and is_of_runs), None)

        is_of_runs = "run" in rule.wildcard_names
        return SentRule(rule.name, is_of_runs, makes, groups.get(rule.name), resources)

    # workflow.is_local wants to know the executor, which is chosen after this.
    local = workflow._localrules
    return [sent(rule) for rule in workflow.rules if rule.name not in local]


def sbatch_line(resources: Any, requeue: bool) -> str:
    """The line of `sbatch` with which the plugin sends a job of these resources.

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
    account, partition = resources.get("slurm_account"), resources.get("slurm_partition")
    call = {
        "run_uuid": "NAME",
        "slurm_logfile": "LOG",
        "comment_str": "RULE",
        "account": f"-A {account}" if account else "",
        "partition": f"-p {partition}" if partition else "",
        "workdir": None,
    }
    job = SimpleNamespace(resources=resources, threads=resources["_cores"])
    text = get_submit_command(job, call, settings=settings) + set_gres_string(job)
    return " ".join(text.split())
