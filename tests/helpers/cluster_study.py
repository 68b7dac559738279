"""The tiny study of the cluster's tests, and a folder to run it in: here, or on SLURM."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from helpers import study_folder
from helpers.slurm import Slurm
from helpers.study_folder import StudyFolder

# Seconds of training each, so that there is something to interrupt.
STUDY = study_folder.STUDY | {
    "intermediate_tasks": ["qqp"],
    "target_tasks": ["xnli", "pos", "tatoeba"],
    "multitask": {"enabled": False},
    "training": study_folder.TRAINING
    | {"learning_rate": 1e-4, "epochs": 60, "dropout": 0.1, "evaluations": 2},
    "checkpoint_seconds": 1,
}
# Tests cannot wait as long as a cluster lets its users wait.
HASTE = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "10")
HASTY_SNAKEMAKE = Path(__file__).with_name("hasty_snakemake.py")


class OnCluster(StudyFolder):
    """A folder whose Snakemake sends its jobs to SLURM."""

    def __init__(self, root: Path, folder: Path, slurm: Slurm) -> None:
        super().__init__(root, folder, STUDY)
        self.slurm = slurm
        self.profile = root / "profiles" / "slurm"
        self.log = folder / "snakemake.log"

    def start(self, *arguments: str) -> subprocess.Popen:
        """Snakemake in the background, in a process group of its own, with its words in the log."""
        words = ("--profile", str(self.profile), *HASTE, *arguments)
        _, _, _, *command = self.command("snakemake", *words)
        with self.log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, str(HASTY_SNAKEMAKE), *command],
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
