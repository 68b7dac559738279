"""Pass the scheduler's SIGTERM on to the script of a cluster job."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path


def children(process: int) -> list[int]:
    """Process ids of the children of `process` (Linux; none elsewhere)."""
    processes = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # After the name, which may hold blanks and brackets itself: state, then the parent.
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            continue
        if int(parent) == process:
            processes.append(int(folder.name))
    return processes


def pass_on_sigterm() -> None:
    """From now on, a SIGTERM that this process gets goes to its children as well.

    SLURM (proctrack/cgroup) sends SIGTERM to the first process of a job step alone, which is a
    Snakemake; Snakemake then waits for its jobs and tells them nothing, so that a training script
    would hear of its time limit by SIGKILL. Snakemake sets a handler of its own later: the wake-up
    file descriptor stands beside whatever handler there is.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)

    def watch() -> None:
        while number := os.read(reading, 1):
            if number[0] == signal.SIGTERM:
                for child in children(os.getpid()):
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="pass-on-sigterm").start()
