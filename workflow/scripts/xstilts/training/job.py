"""What every training job shares: its places, its lock, and how its results are published."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch

from xstilts.core import run_lock
from xstilts.core.receipts import publish, read_receipt
from xstilts.core.termination import graceful_sigterm
from xstilts.encoders.load import load_encoder
from xstilts.encoders.weights import transplant
from xstilts.training.device import Usage, check_precision, pick_device

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
        jobs_per_gpu: how many jobs may share a GPU.
        activation_checkpointing: whether layers are computed again in the backward pass.
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
    jobs_per_gpu: int = 1
    activation_checkpointing: bool = False
    checkpoint_seconds: float = 120
    code: str = "tracked"
    unrecorded: ClassVar = (
        "accelerator",
        "jobs_per_gpu",
        "activation_checkpointing",
        "checkpoint_seconds",
        "code",
    )

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
    def precision(self) -> str:
        """Arithmetic of the encoder; what scores evidence names none, and is float32."""
        return self.recipe.get("precision", "float32")

    @property
    def device(self) -> torch.device:
        """Where it runs."""
        return pick_device(self.accelerator, self.jobs_per_gpu)


@contextmanager
def making(job: Job) -> Iterator[bool]:
    """Hold the run's lock; yields whether the run is still to be made.

    A job that makes the run heeds SIGTERM, and reads only what its receipts say is whole.

    Raises:
        DamagedRun: a run that this one reads is no longer what its receipt says.
    """
    with run_lock.making(job.folder, job.scratch, sources(job)) as must_run:
        if not must_run:
            yield False
            return
        with graceful_sigterm():
            yield True


def sources(job: Job) -> list[Path]:
    """Folders of all runs that `job` reads."""
    inputs = [Path(folder) for folders in job.inputs.values() for folder in folders.values()]
    return [job.encoder, *([job.intermediate] if job.intermediate else []), *inputs]


def starting_encoder(job: Job, dropout: float) -> tuple[Any, dict[str, Any]]:
    """The encoder that the run starts from, and the proof that its weights arrived.

    Every tensor that the intermediate run trained is carried over by name and compared
    afterwards; jiant loads with `strict=False` and only warns.
    """
    check_precision(job.precision, job.device)
    encoder = load_encoder(job.encoder, first_layer=job.first_layer, dropout=dropout)
    proof: dict[str, Any] = {"from": "encoder", "carried": 0}
    if job.intermediate is not None:
        proof = {"from": job.intermediate.name, **transplant(encoder, job.intermediate / WEIGHTS)}
    encoder = encoder.to(job.device)
    if job.activation_checkpointing:
        encoder.recompute_layers()
    return encoder, proof


def lost_parent(job: Job) -> str | None:
    """Why the run cannot start: its intermediate run ended without weights."""
    if job.intermediate is None or (job.intermediate / WEIGHTS).is_file():
        return None
    reason = read_receipt(job.intermediate).get("reason")
    return f"the intermediate run {job.intermediate.name} diverged ({reason})"


def finish(job: Job, usage: Usage, receipt: dict[str, Any]) -> None:
    """Publish the receipt of a run whose files are in place."""
    parents, inherited = {"encoder": job.encoder.name}, {}
    if job.intermediate is not None:
        parents["intermediate"] = job.intermediate.name
        # The parent may be gone when a gain over the baseline asks what it was computed with.
        inherited["parent_numerics"] = read_receipt(job.intermediate).get("numerics")
    facts = {
        "run": job.name,
        "digest": job.name.rpartition("-")[2],
        "recipe": job.recipe,
        "parents": parents,
        "code": job.code,
        **inherited,
        **usage.summary(),
    }
    publish(job.folder, facts | receipt)
