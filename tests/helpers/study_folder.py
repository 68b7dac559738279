"""A tiny study of the demo's texts, and a folder in which the workflow's programs run on it."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml

TRAINING = {
    "learning_rate": 1e-3,
    "epochs": 1,
    "batch_examples": 8,
    "maximum_length": 64,
    "document_stride": 32,
    "dropout": 0,
    "evaluations": 1,
}
# Each run takes a second, most of it imports.
STUDY = {
    "study": "tiny",
    "source": "demo",
    "limits": {"train": 24, "dev": 16, "test": 6},
    "languages": ["en", "sw"],
    "encoder": {"name": "two-layers", "layers": 2, "frozen_layers": 1},
    "training": TRAINING,
    "intervals": {"resamples": 100},
}
SIMILARITY = {
    "examples": 12,
    "language_examples": 6,
    "labelled_examples": 8,
    "batch_examples": 2,
    "subsamples": 10,
}


class StudyFolder:
    """A working directory with the config of a study.

    Attributes:
        root: the repository.
        folder: the working directory.
        config: the config's file.
        tables: the folder of the study's tables.
        environment: that of the programs.
    """

    def __init__(self, root: Path, folder: Path, study: dict) -> None:
        self.root, self.folder = root, folder
        self.environment = dict(os.environ)
        folder.mkdir(parents=True, exist_ok=True)
        self.write(study)

    def write(self, study: dict) -> None:
        """From now on the study is this one."""
        self.config = self.folder / f"{study['study']}.yaml"
        self.config.write_text(yaml.safe_dump(study))
        self.tables = self.folder / "results" / "studies" / study["study"]

    def command(self, program: str, *words: str) -> list[str]:
        """The command line of `snakemake`, or of a command of `xstilts` that `words` begin with."""
        snakefile = ["--snakefile", str(self.root / "workflow" / "Snakefile")]
        places = ["--directory", str(self.folder), "--configfile", str(self.config)]
        own = [*snakefile, *places, *words] if program == "snakemake" else [*words, *places]
        return [sys.executable, "-m", program, *own]

    def run(self, program: str, *words: str) -> str:
        """What a program says, which must end well."""
        ended = subprocess.run(
            self.command(program, *words),
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout + ended.stderr

    def snakemake(self, *words: str) -> str:
        """What Snakemake says on two cores."""
        return self.run("snakemake", "--cores", "2", *words)

    def xstilts(self, *words: str) -> str:
        """What a command of `xstilts` says."""
        return self.run("xstilts", *words)

    def table(self, name: str) -> pd.DataFrame:
        """One of the study's tables."""
        path = self.tables / name
        return pd.read_csv(path, sep="\t") if path.suffix == ".tsv" else pd.read_parquet(path)

    def receipts(self, stage: str) -> dict[str, dict]:
        """Receipts of the runs of a stage, by the run's name."""
        found = (self.folder / "results" / "runs" / stage).glob("*/receipt.json")
        return {path.parent.name: json.loads(path.read_text()) for path in found}

    def digests(self, *tables: str) -> dict[str, str]:
        """SHA-256 of all predictions and weights, and of `tables`."""
        runs = self.folder / "results" / "runs"
        files = [path for path in runs.rglob("*.parquet") if "damaged" not in path.name]
        files += (runs / "intermediate").rglob("*.safetensors")
        files += [self.tables / name for name in tables]
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(files)
        }
