"""One process of benchmarks/gpu.py: measures something and prints it as lines of JSON."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
os.environ.update(TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")

import numpy as np
import torch
from gpu_shapes import LABELS, LARGE, METRICS, TINY, Shape, Spec, random_encoder

from xstilts.core.receipts import read_receipt
from xstilts.encoders.graphed import GraphedLayers, bucket
from xstilts.encoders.words import train_words_of
from xstilts.training.device import pick_device
from xstilts.training.gradient import put_gradient
from xstilts.training.loop import Training
from xstilts.training.model import Model, Task, open_task
from xstilts.training.predict import Judged

# Steps before the clock runs: kernels are chosen, memory and graphs are found.
WARM = 8
TRAINING = {
    "learning_rate": 1e-5, "head_learning_rate": None, "epochs": 1, "batch_tokens": None,
    "warmup_share": 0.1, "weight_decay": 0.01, "gradient_clip": 1.0, "evaluations": 1,
    "patience": None, "dropout": 0.1,
}  # fmt: skip
IGNORED = -100
MARK = "measured "
# Seconds that one of two runs waits for the other.
PATIENCE = 90.0
BEST, PADDED = "trainer, at its best", "trainer, padded"


class Clock:
    """Seconds between two moments at which the device has nothing left to do."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.begun = self.seconds = 0.0

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def begin(self) -> None:
        """Start, and forget the most memory so far."""
        self._wait()
        if self.device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(self.device)
        self.begun = time.perf_counter()

    def end(self) -> None:
        """Stop."""
        self._wait()
        self.seconds = time.perf_counter() - self.begun

    def gibibytes(self) -> float:
        """Most memory of the device since the beginning."""
        on_gpu = self.device.type == "cuda"
        return torch.cuda.max_memory_allocated(self.device) / 2**30 if on_gpu else 0.0


class Timed(Training):
    """A run whose steps from `WARM` on are timed, once all graphs are captured."""

    clock: Clock
    ready: Callable[[], None] = staticmethod(lambda: None)

    def _step(self) -> None:
        if self.progress.step == WARM:
            self._capture()
            self.ready()
            self.clock.begin()
        super()._step()
        if self.progress.step == len(self.steps):
            self.clock.end()

    def _capture(self) -> None:
        """Have the layers captured in all shapes that are to come; their gradients are dropped."""
        layers = self.model.encoder.stacked
        if not isinstance(layers, GraphedLayers):
            return
        for number, batch in self.steps[WARM:]:
            shape = bucket(self.tasks[number].shape(batch))
            if layers.graphs.get(shape, "not to be captured") is None:
                self.update.clear()
                put_gradient(
                    self.model, self.tasks[number], batch, 1, self.precision, self.device,
                    self.update.gather,
                )  # fmt: skip


def opened(spec: Spec, data: Path) -> Task:
    """The prepared task."""
    settings = {"task": spec.name, "kind": spec.kind, "metric": METRICS[spec.kind]}
    return open_task({**settings, "head": "first"}, {"data": str(data)}, 0)


def training_of(
    shape: Shape, spec: Spec, data: Path, way: str, precision: str, device: torch.device, **more
) -> Timed:
    """A run of one pass over the task, that judges no dev set."""
    settings = TRAINING | {"batch_examples": spec.batch} | more
    recipe = {"training": settings, "precision": precision, "seed": 1, "gpu_step": way}
    task = opened(spec, data)
    encoder = random_encoder(shape, device, settings["dropout"])
    train_words_of(encoder, [task.read_tokens()])
    model = Model(encoder, [task], settings["dropout"], 1).to(device)
    judged = Judged(["0"], ["0"], 1.0)
    run = Timed(model, [task], recipe, lambda *_: judged, data, device, 1e9)
    run.clock = Clock(device)
    return run


def measure_ours(
    shape: Shape, spec: Spec, data: Path, way: str, device: torch.device, ready=None
) -> dict:
    """Seconds, tokens and arithmetic of the timed steps."""
    precision = "bfloat16" if device.type == "cuda" else "float32"
    run = training_of(shape, spec, data, way, precision, device)
    run.ready = ready or run.ready
    run.run()
    task = opened(spec, data)
    sequences = [task.units.sequences(batch) for _, batch in run.steps[WARM:]]
    lengths = np.concatenate([task.train.lengths[one] for one in sequences])
    return _found(shape, run.clock, lengths, len(sequences))


def _found(shape: Shape, clock: Clock, lengths: np.ndarray, steps: int) -> dict:
    return {
        "seconds": clock.seconds, "steps": steps, "tokens": int(lengths.sum()),
        "flops": shape.flops(lengths), "gibibytes": clock.gibibytes(),
    }  # fmt: skip


def measure_trainer(shape: Shape, spec: Spec, data: Path, way: str, device: torch.device) -> dict:
    """The same steps by Hugging Face's Trainer."""
    from transformers import Trainer, TrainerCallback

    clock, counted = Clock(device), []

    class Counting(Trainer):
        def training_step(self, model, inputs, *more):
            counted.append(inputs["attention_mask"].flatten(0, -2).sum(1))
            return super().training_step(model, inputs, *more)

    class Watch(TrainerCallback):
        def on_step_begin(self, args, state, control, **_):
            if state.global_step == WARM:
                clock.begin()

        def on_train_end(self, *_, **__):
            clock.end()

    rows = [_example(spec, row) for row in opened(spec, data).train.split.table.to_pylist()]
    trainer = Counting(
        model=peer(shape, spec, device),
        args=arguments_of(spec, way, len(rows), data / "peer", device),
        data_collator=partial(collate, spec, way == PADDED),
        train_dataset=rows,
        callbacks=[Watch()],
    )
    trainer.train()
    lengths = torch.cat(counted[WARM:]).cpu().numpy()
    return _found(shape, clock, lengths, len(counted) - WARM)


def peer(shape: Shape, spec: Spec, device: torch.device) -> Any:
    """The Trainer's own model of this shape."""
    import transformers

    head = {
        "pair_classification": "SequenceClassification", "tagging": "TokenClassification",
        "span_qa": "QuestionAnswering", "multiple_choice": "MultipleChoice",
    }[spec.kind]  # fmt: skip
    config = transformers.XLMRobertaConfig(
        **shape.config(), num_labels=LABELS[spec.kind] or 2, attn_implementation="sdpa"
    )
    with torch.device(device):
        return getattr(transformers, f"XLMRobertaFor{head}")(config)


def arguments_of(spec: Spec, way: str, examples: int, folder: Path, device: torch.device) -> Any:
    """Its settings: those of our run, and the fastest that it has."""
    from transformers import TrainingArguments

    on_gpu = device.type == "cuda"
    return TrainingArguments(
        output_dir=str(folder), use_cpu=not on_gpu, bf16=on_gpu, optim="adamw_torch_fused",
        per_device_train_batch_size=spec.batch, max_steps=-(-examples // spec.batch),
        learning_rate=TRAINING["learning_rate"], weight_decay=TRAINING["weight_decay"],
        max_grad_norm=TRAINING["gradient_clip"], warmup_steps=2,
        train_sampling_strategy="group_by_length" if way == BEST else "random",
        dataloader_num_workers=4 if on_gpu else 0, logging_nan_inf_filter=False,
        save_strategy="no", logging_strategy="no", report_to="none", disable_tqdm=True, seed=1,
    )  # fmt: skip


def _example(spec: Spec, row: dict) -> dict:
    """A prepared example as the Trainer takes it."""
    ids = row["input_ids"] if spec.choices > 1 else row["input_ids"][0]
    found = {"input_ids": ids}
    if spec.kind == "span_qa":
        return found | {"start_positions": row["first"][0], "end_positions": row["last"][0]}
    if spec.kind != "tagging":
        return found | {"labels": row["label"]}
    tags = [IGNORED] * len(ids)
    for label, position in zip(row["labels"], row["word_position"], strict=True):
        tags[position] = label
    return found | {"labels": tags}


def collate(spec: Spec, to_longest: bool, rows: list[dict]) -> dict:
    """A batch, padded to the maximum length or to its longest sequence."""
    sequences = [one for row in rows for one in (
        row["input_ids"] if spec.choices > 1 else [row["input_ids"]])]  # fmt: skip
    length = spec.longest if to_longest else max(map(len, sequences))
    ids = _padded(sequences, length, 1)
    batch = {"input_ids": ids, "attention_mask": (ids != 1).long()}
    if spec.choices > 1:
        batch = {key: one.view(len(rows), spec.choices, length) for key, one in batch.items()}
    for key in rows[0].keys() - {"input_ids"}:
        values = [row[key] for row in rows]
        lists = isinstance(values[0], list)
        batch[key] = _padded(values, length, IGNORED) if lists else torch.tensor(values)
    return batch


def _padded(lists: list[list[int]], length: int, value: int) -> torch.Tensor:
    table = torch.full((len(lists), length), value)
    for place, one in enumerate(lists):
        table[place, : len(one)] = torch.tensor(one)
    return table


def losses(
    shape: Shape, spec: Spec, data: Path, way: str, precision: str, device: torch.device
) -> list:
    """Losses of all steps, without dropout."""
    torch.backends.cuda.matmul.allow_tf32 = False
    run = training_of(shape, spec, data, way, precision, device, dropout=0.0)
    run.run()
    return run.progress.losses


def peak(device: torch.device) -> float:
    """FLOP/s of the largest product that is tried, in bfloat16 on a GPU."""
    on_gpu = device.type == "cuda"
    size, kind = (8192, torch.bfloat16) if on_gpu else (512, torch.float32)
    one = torch.randn(size, size, device=device, dtype=kind)
    best = 0.0
    for _ in range(5):
        clock = Clock(device)
        clock.begin()
        for _ in range(10):
            one @ one
        clock.end()
        best = max(best, 10 * 2 * size**3 / clock.seconds)
    return best


def run_job(folder: Path, way: str, precision: str, accelerator: str) -> dict:
    """A whole run from files to files, which goes on where it was cut off."""
    from xstilts.training.intermediate import finetune_intermediate
    from xstilts.training.job import Job

    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    task = {"task": "mnli", "kind": "pair_classification", "metric": "accuracy", "head": "first"}
    recipe = {
        "stage": "intermediate", "tasks": [task], "mixture": None, "frozen_layers": 0,
        "precision": precision, "seed": 1, "training": settings["training"],
    }  # fmt: skip
    name = settings["name"]
    job = Job(
        name=name, recipe=recipe | {"gpu_step": way}, folder=folder / "runs" / name,
        scratch=folder / "scratch" / name, encoder=folder / "encoder", intermediate=None,
        inputs={"mnli": {"data": str(folder / "data")}}, accelerator=accelerator,
        checkpoint_seconds=settings["checkpoint_seconds"],
    )  # fmt: skip
    finetune_intermediate(job)
    return {"files": read_receipt(job.folder)["files"]}


def wait_for_others(folder: Path, count: int) -> None:
    """Say that this process is ready, and wait until `count` are."""
    (folder / f"ready.{os.getpid()}").touch()
    ends = time.monotonic() + PATIENCE
    while len(list(folder.glob("ready.*"))) < count:
        if time.monotonic() > ends:
            sys.exit("the other run did not begin")
        time.sleep(0.005)


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["way", "losses", "peak", "job", "slot"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--way", default="plain")
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--specs", default="[]")
    parser.add_argument("--tiny", action="store_true")
    parser.add_argument("--share", type=int, default=1)
    asked = parser.parse_args()
    accelerator = "cpu" if asked.tiny else "gpu"
    device = pick_device(accelerator, asked.share)
    shape = TINY if asked.tiny else LARGE
    specs = [Spec(**one) for one in json.loads(asked.specs)]
    for found in _lines(asked, shape, specs, device, accelerator):
        # Marked, since the Trainer prints as well.
        print(MARK + json.dumps(found), flush=True)


def _lines(asked, shape: Shape, specs: list[Spec], device: torch.device, accelerator: str):
    if asked.what == "peak":
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else "processor"
        yield {"device": name, "peak": peak(device), "torch": torch.__version__}
    elif asked.what == "job":
        yield run_job(asked.folder, asked.way, asked.precision, accelerator)
    elif asked.what == "losses":
        for spec in specs:
            data = asked.folder / spec.name
            yield {"losses": losses(shape, spec, data, asked.way, asked.precision, device)}
    elif asked.what == "slot":
        ready = partial(wait_for_others, asked.folder / "slots", asked.share)
        data = asked.folder / specs[0].name
        yield measure_ours(shape, specs[0], data, asked.way, device, ready)
    else:
        measure = measure_trainer if asked.way in (BEST, PADDED) else measure_ours
        for spec in specs:
            found = measure(shape, spec, asked.folder / spec.name, asked.way, device)
            yield {"task": spec.name, **found}


if __name__ == "__main__":
    main()
