"""Snakemake, but it looks after its jobs on a cluster every two seconds.

SLURM's plugin waits ten seconds longer each time that it finds no job ended, as is kind to a
cluster of many users; in a test each job of seconds is then waited for up to half a minute.
"""

from snakemake.cli import main
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor

SECONDS = 2

RemoteExecutor.next_seconds_between_status_checks = property(
    lambda executor: SECONDS, lambda executor, seconds: None
)
main()
