"""What goes on on the cluster, looked at several times a second from the outside."""

import contextlib
import json
import re
import signal
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from helpers.slurm import Slurm

# Seconds between two looks, of which each costs a call of SLURM.
PAUSE = 0.4


@dataclass(frozen=True)
class Script:
    """A rule's script at work."""

    process: int
    rule: str
    job: str
    device: str | None


def scripts(slurm: Slurm) -> list[Script]:
    """All scripts that the cluster's jobs run now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            rule = re.fullmatch(r".*/tmp\w+\.(\w+)\.py", words[1]) if len(words) > 1 else None
            # Of hundreds of processes few are scripts.
            pairs = (folder / "environ").read_bytes().decode().split("\0") if rule else []
        except (OSError, UnicodeDecodeError):
            continue
        known = dict(pair.partition("=")[::2] for pair in pairs)
        # Local rules know of the cluster too, though they are no jobs.
        job, ours = known.get("SLURM_JOB_ID"), known.get("SLURM_CONF") == str(slurm.configuration)
        if rule and job and ours:
            device = known.get("CUDA_VISIBLE_DEVICES")
            found.append(Script(int(folder.name), rule[1], job, device))
    return found


def checkpoint_step(folder: Path) -> int | None:
    """The step at which the checkpoint in a run's scratch folder was written, if there is one."""
    try:
        with (folder / "checkpoint.safetensors").open("rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    except (OSError, ValueError):
        return None
    return json.loads(header["__metadata__"]["state"])["step"]


def told_to_end(process: int) -> bool:
    """Whether SIGTERM waits for a process that stands still."""
    status = Path("/proc", str(process), "status").read_text()
    pending = int(re.search(r"^ShdPnd:\s+(\w+)$", status, re.MULTILINE)[1], 16)
    return bool(pending & 1 << (signal.SIGTERM - 1))


class Watch:
    """Looks while its block runs.

    Attributes:
        seen: per look, the scripts at work.
        steps: by run, the steps of its checkpoints in the order seen.
        states: by job, SLURM's states in the order seen, with the time of each.
    """

    def __init__(self, slurm: Slurm, folder: Path) -> None:
        self.slurm, self.scratch = slurm, folder / "results" / "scratch"
        self.seen: list[list[Script]] = []
        self.steps: dict[str, list[int]] = defaultdict(list)
        self.states: dict[str, dict[str, float]] = defaultdict(dict)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def script(self, job: str) -> Script | None:
        """The script that `job` was running at the last look."""
        return next((found for found in (self.seen or [[]])[-1] if found.job == job), None)

    def _look(self) -> None:
        while not self._ended.wait(PAUSE):
            self.seen.append(scripts(self.slurm))
            for folder in self.scratch.glob("*"):
                step = checkpoint_step(folder)
                if step is not None and self.steps[folder.name][-1:] != [step]:
                    self.steps[folder.name].append(step)
            with contextlib.suppress(AssertionError):
                for line in self.slurm.client("squeue", "-h", "-t", "all", "-o", "%i %T").split(
                    "\n"
                ):
                    if line:
                        job, state = line.split()
                        self.states[job].setdefault(state, time.monotonic())
