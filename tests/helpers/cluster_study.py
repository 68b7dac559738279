"""The tiny study of the cluster's tests, and a folder to run it in: here, or on SLURM."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import yaml

from helpers.slurm import Slurm

# Seconds of training each, so that there is something to interrupt.
STUDY = {
    "study": "tiny",
    "source": "demo",
    "limits": {"train": 24, "dev": 16, "test": 6},
    "languages": ["en", "sw"],
    "intermediate_tasks": ["qqp"],
    "target_tasks": ["xnli", "pos", "tatoeba"],
    "multitask": {"enabled": False},
    "encoder": {"name": "two-layers", "layers": 2, "frozen_layers": 1},
    "training": {
        "learning_rate": 1e-4,
        "epochs": 60,
        "batch_examples": 8,
        "maximum_length": 64,
        "document_stride": 32,
        "dropout": 0.1,
        "evaluations": 2,
    },
    "checkpoint_seconds": 1,
    "intervals": {"resamples": 100},
}
# Tests cannot wait as long as a cluster lets its users wait.
HASTE = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10")


class Place:
    """A folder with a study, and Snakemake in it."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        folder.mkdir(parents=True, exist_ok=True)
        self.config = folder / "tiny.yaml"
        self.write(STUDY)

    def write(self, study: dict) -> None:
        self.config.write_text(yaml.safe_dump(study))

    def command(self, *arguments: str) -> list[str]:
        snakemake = [
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            str(self.root / "workflow" / "Snakefile"),
        ]
        places = ["--configfile", str(self.config), "--directory", str(self.folder)]
        return [*snakemake, *places, *arguments]

    def run(self, *arguments: str) -> str:
        """What Snakemake says once it has ended well."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.root, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


class OnCluster(Place):
    """A place whose Snakemake sends its jobs to SLURM."""

    def __init__(self, root: Path, folder: Path, slurm: Slurm) -> None:
        super().__init__(root, folder)
        self.slurm = slurm
        self.profile = root / "profiles" / "slurm"
        self.log = folder / "snakemake.log"

    def start(self, *arguments: str) -> subprocess.Popen:
        """Snakemake in the background, in a process group of its own, with its words in the log."""
        command = self.command("--profile", str(self.profile), *HASTE, *arguments)
        with self.log.open("a") as log:
            return subprocess.Popen(
                command,
                cwd=self.root,
                env={**os.environ, **self.slurm.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def finish(self, process: subprocess.Popen, seconds: float) -> str:
        """Wait for Snakemake to end well; its log."""
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code = f"none within {seconds} s"
        assert code == 0, f"Snakemake's exit code: {code}\n{self.log.read_text()[-6000:]}"
        return self.log.read_text()

    def jobs(self) -> dict[str, list[str]]:
        """SLURM's job ids by run (or by group), in the order of submission."""
        found: dict[str, list[str]] = {}
        pattern = r"SLURM jobid (\d+) \(log: \S*?/slurm_logs/(\S+)/\d+\.log\)"
        for number, path in re.findall(pattern, self.log.read_text()):
            found.setdefault(path.rpartition("/")[2], []).append(number)
        return found
