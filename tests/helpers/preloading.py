"""A stand-in for Snakemake that offers a preloaded parent, and jobs that a test starts for it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from xstilts.jobs.preloaded.wire import OFFER

# Changes from test to test.
OF_PYTEST = "PYTEST_CURRENT_TEST"
HOST = """
import os, sys
from xstilts.jobs.preloaded import launch
launch.offer(lambda: {may_serve}, lambda text: print(text, file=sys.stderr, flush=True))
print(os.environ[launch.OFFER], flush=True)
sys.stdin.read()
"""
# As Snakemake's own: a few lines that make `snakemake`, then the rule's script.
JOB = """
import os, signal, sys, time
from pathlib import Path
from types import SimpleNamespace
from xstilts.jobs.scripting import run_script

snakemake = SimpleNamespace(threads=1, log=[{log!r}], rule="some_rule", config={{}})

def main(snakemake):
    facts = Path({facts!r})
{body}

run_script(main, snakemake, imports_libraries=True)
"""


class Host:
    """The stand-in, with the folder in which its jobs leave their files."""

    def __init__(self, folder: Path, scripts: Path, may_serve: bool = True) -> None:
        self.folder, self.scripts = folder, scripts
        self.jobs = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.errors = folder / "errors"
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOST.format(may_serve=may_serve)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors.open("w"),
            text=True,
            env=self.environment(),
            start_new_session=True,
        )
        self.offer = self.process.stdout.readline().strip()

    def environment(self, **more: str) -> dict[str, str]:
        """That of a job."""
        known = {key: os.environ[key] for key in os.environ if key not in (OFFER, OF_PYTEST)}
        known |= {"PYTHONPATH": str(self.scripts), "OMP_NUM_THREADS": "1"}
        return {**known, **({OFFER: self.offer} if hasattr(self, "offer") else {}), **more}

    def start(self, body: str, prefix: str = "", **environment: str) -> subprocess.Popen:
        """Start a job whose main function is `body`; `prefix` goes before it in the shell.

        It has a log and a file of facts of its own: `self.log` and `self.facts` from here on.
        """
        self.jobs += 1
        self.log, self.facts = (self.folder / f"{name}-{self.jobs}" for name in ("log", "facts"))
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        self.script = self.folder / f"job-{self.jobs}.py"
        self.script.write_text(JOB.format(log=str(self.log), facts=str(self.facts), body=lines))
        return subprocess.Popen(
            ["bash", "-c", f"{prefix} exec {sys.executable} {self.script}"],
            cwd=self.folder,
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, body: str, prefix: str = "", **environment: str) -> subprocess.CompletedProcess:
        """Run a job to its end."""
        job = self.start(body, prefix, **environment)
        said, complained = job.communicate(timeout=120)
        return subprocess.CompletedProcess(job.args, job.returncode, said, complained)

    def said(self) -> str:
        """What a job left in its file of facts."""
        return wait_for_text(self.facts)

    def end(self) -> None:
        """End the stand-in, and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()


def wait_for_text(path: Path, seconds: float = 60) -> str:
    """The text of `path`, once there is some."""
    end = time.monotonic() + seconds
    while not path.exists() or not path.read_text():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.02)
    return path.read_text()


def wait_until_gone(process: int, seconds: float = 30) -> None:
    """Wait until no process of this id runs."""
    end = time.monotonic() + seconds
    while is_running(process):
        assert time.monotonic() < end, f"process {process} still runs"
        time.sleep(0.02)


def is_running(process: int) -> bool:
    """Whether a process of this id runs; one that has ended and waits to be noticed does not."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
