"""What every training job shares: its places, its lock, and how its results are published."""

import fcntl
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch

from xstilts.encoders.load import load_encoder
from xstilts.encoders.weights import transplant
from xstilts.study.interruption import heeded
from xstilts.study.receipts import publish, read_receipt
from xstilts.training.device import Usage, pick_device

WEIGHTS = "encoder.safetensors"
PREDICTIONS = "predictions.parquet"

DONE, DIVERGED = "done", "diverged"


@dataclass(frozen=True)
class Job:
    """A run to be made: its recipe and where its files lie.

    Attributes:
        name: name of the run.
        recipe: what determines it.
        folder: where its results go.
        scratch: where it keeps checkpoints until it is done.
        encoder: folder of the untuned encoder.
        intermediate: folder of the intermediate run it starts from, if any.
        inputs: folders of data and activations, by task.
        accelerator: cpu or gpu.
        checkpoint_seconds: time between checkpoints.
        code: tracked or pinned: whether the recipe's code digest is that of this very code.
    """

    name: str
    recipe: dict[str, Any]
    folder: Path
    scratch: Path
    encoder: Path
    intermediate: Path | None
    inputs: dict[str, dict[str, str]]
    accelerator: str = "cpu"
    checkpoint_seconds: float = 120
    code: str = "tracked"
    unrecorded: ClassVar = ("accelerator", "checkpoint_seconds", "code")

    @classmethod
    def from_json(cls, text: str, config: dict[str, Any]) -> "Job":
        """The job that `Study.job` describes, with what no number depends on from the config."""
        plain = json.loads(text)
        start = plain.get("intermediate")
        return cls(
            name=plain["name"],
            recipe=plain["recipe"],
            folder=Path(plain["folder"]),
            scratch=Path(plain["scratch"]),
            encoder=Path(plain["encoder"]),
            intermediate=Path(start) if start else None,
            inputs=plain["inputs"],
            **{key: config[key] for key in cls.unrecorded if key in config},
        )

    @property
    def first_layer(self) -> int:
        """Layers below this one are frozen."""
        return self.recipe["frozen_layers"]

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return pick_device(self.accelerator)


@contextmanager
def claimed(job: Job) -> Iterator[bool]:
    """Hold the run's lock; yields whether the run is still to be made.

    An orphan of a killed Snakemake may still be training this run: then wait for it, and take
    its result instead of training a second time in the same scratch folder. The lock is the
    kernel's, so that it dies with its process. A job that makes the run heeds SIGTERM.
    """
    job.scratch.mkdir(parents=True, exist_ok=True)
    with (job.scratch / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"another process is making {job.name}: waiting for it.", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        finished = (job.folder / "receipt.json").is_file()
        if finished:
            yield False
        else:
            with heeded():
                yield True
    shutil.rmtree(job.scratch, ignore_errors=True)


def starting_encoder(job: Job, dropout: float) -> tuple[Any, dict[str, Any]]:
    """The encoder that the run starts from, and the proof that its weights arrived.

    Every tensor that the intermediate run trained is carried over by name and compared
    afterwards; jiant loads with `strict=False` and only warns.
    """
    encoder = load_encoder(job.encoder, first_layer=job.first_layer, dropout=dropout)
    proof: dict[str, Any] = {"from": "encoder", "carried": 0}
    if job.intermediate is not None:
        proof = {"from": job.intermediate.name, **transplant(encoder, job.intermediate / WEIGHTS)}
    return encoder.to(job.device), proof


def lost_parent(job: Job) -> str | None:
    """Why the run cannot start: its intermediate run ended without weights."""
    if job.intermediate is None or (job.intermediate / WEIGHTS).is_file():
        return None
    reason = read_receipt(job.intermediate).get("reason")
    return f"the intermediate run {job.intermediate.name} diverged ({reason})"


def finish(job: Job, usage: Usage, receipt: dict[str, Any]) -> None:
    """Publish the receipt of a run whose files are in place."""
    parents = {"encoder": job.encoder.name}
    if job.intermediate is not None:
        parents["intermediate"] = job.intermediate.name
    facts = {
        "run": job.name,
        "digest": job.name.rpartition("-")[2],
        "recipe": job.recipe,
        "parents": parents,
        "code": job.code,
        **usage.summary(),
    }
    publish(job.folder, facts | receipt)
