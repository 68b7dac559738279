"""A tiny study that is run once undisturbed, and copies of it in which something goes wrong."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from helpers import study_folder
from helpers.study_folder import StudyFolder

HERE = Path(__file__).resolve().parent
STUDY = study_folder.STUDY | {
    "limits": {"train": 24, "dev": 12, "test": 6},
    "intermediate_tasks": ["ccg"],
    "target_tasks": ["pos", "tatoeba"],
    "training": study_folder.TRAINING | {"dropout": 0.1, "evaluations": 2},
    # A checkpoint after every step.
    "checkpoint_seconds": 1e-6,
}
TABLES = ("index.tsv", "scores.parquet", "gains.parquet")


class Place(StudyFolder):
    """A folder in which the study runs."""

    def __init__(self, root: Path, folder: Path) -> None:
        super().__init__(root, folder, STUDY)

    def import_in_each_job(self) -> "Place":
        """From now on no job is forked from a preloaded Python."""
        self.write(STUDY | {"preloaded": False})
        return self

    def copy(self, folder: Path) -> "Place":
        """A copy of all results; the encoder's weights, which are large, are the same file."""

        def copy(source: str, target: str) -> None:
            large = source.endswith("model.safetensors")
            os.link(source, target) if large else shutil.copy2(source, target)

        shutil.copytree(self.folder, folder, copy_function=copy)
        return Place(self.root, folder)

    def start(self, *arguments: str, fault: dict | None = None) -> subprocess.Popen:
        """Start snakemake in a session of its own, with a fault (see faulty/sitecustomize.py)."""
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "500"}
        if fault:
            fault = {"nth": 1, "when": "before", "flag": str(self.folder / "struck"), **fault}
            environment |= {"FAULT": json.dumps(fault), "PYTHONPATH": str(HERE / "faulty")}
        targets = [f"results/studies/tiny/{name}" for name in TABLES]
        return subprocess.Popen(
            self.command("snakemake", "--cores", "2", *arguments, "--", *targets),
            cwd=self.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def attempt(self, *arguments: str, fault: dict | None = None) -> tuple[int, str]:
        """Run snakemake to its end: its exit status and all that it said."""
        process = self.start(*arguments, fault=fault)
        try:
            said = process.communicate(timeout=900)[0]
        finally:
            kill_all(process)
        return process.returncode, said

    def heal(self) -> str:
        """A plain call, which must succeed; what it said."""
        status, said = self.attempt()
        assert status == 0, said
        return said

    def heal_as(self, undisturbed: "Place") -> str:
        """As `heal`, and then there is what an undisturbed run made; what Snakemake said."""
        said = self.heal()
        assert self.digests() == undisturbed.digests()
        return said

    def digests(self, *tables: str) -> dict[str, str]:
        """As of any study, of the tables that are made here."""
        return super().digests(*(tables or TABLES))

    def run_folder(self, pattern: str) -> Path:
        """The one run folder of this name."""
        (found,) = (self.folder / "results").glob(pattern)
        return found

    def forget(self, *patterns: str) -> None:
        """Delete the tables and whole runs, so that they are to be made."""
        shutil.rmtree(self.tables)
        for pattern in patterns:
            shutil.rmtree(self.run_folder(pattern))

    def receipt_times(self) -> dict[Path, int]:
        """When each receipt was written."""
        found = (self.folder / "results").rglob("receipt.json")
        return {path.parent.relative_to(self.folder): path.stat().st_mtime_ns for path in found}


def kill_all(process: subprocess.Popen) -> None:
    """End everything that Snakemake started, as a power failure would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def wait_for(path: Path, seconds: float = 300) -> None:
    """Wait until `path` is there."""
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.02)


def wait_for_line(process: subprocess.Popen, text: str) -> str:
    """Read what Snakemake says until a line has `text`; all until there."""
    said = ""
    for line in process.stdout:
        said += line
        if text in line:
            return said
    raise AssertionError(f"'{text}' was not said: {said}")
