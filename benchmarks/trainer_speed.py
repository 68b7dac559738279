"""Fine-tuning here and by Hugging Face's Trainer: same encoder, head, examples, steps and core.

    pip install accelerate
    python benchmarks/trainer_speed.py [--repeats 3]

Runs stage 1 of the demo's CCG supertagging through Snakemake, and the Trainer on the same prepared
examples, in turns and with one thread each: padded to the maximum length, as jiant and XTREME's
scripts do, and with its best settings (batches of like length, padded to their longest). Seconds
are of the processor, from weights on disk to the last dev score, without imports. Writes the
section "trainer" of benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")

import numpy as np
import yaml
from readme import put_section, table

from xstilts.plan.grid import Study
from xstilts.plan.recipes import Run

if TYPE_CHECKING:
    from transformers import TrainingArguments

# The heads of taggers are the same in both: dropout and a linear layer on a word's first token.
TASK = "ccg"
# The paper's and XTREME's scripts pad to 128.
PADDED = 128
IGNORED = -100
WAYS = {"padded": "Trainer, padded to 128", "grouped": "Trainer, at its best"}


def config(frozen: int) -> dict:
    """The demo with one intermediate task, and one learning rate, as the Trainer has."""
    demo = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    # Tied to tasks that are not here.
    kept = {key: value for key, value in demo.items() if key not in ("multitask", "tasks")}
    return kept | {
        "study": f"speed{frozen}",
        "encoder": demo["encoder"] | {"frozen_layers": frozen},
        "intermediate_tasks": [TASK],
        "target_tasks": ["pos"],
        "training": demo["training"] | {"head_learning_rate": None},
    }


@dataclass(frozen=True)
class Ours:
    """Stage 1 of a study of one intermediate task, in a folder of its own."""

    folder: Path
    settings: dict

    @cached_property
    def study(self) -> Study:
        """The study, planned."""
        with contextlib.chdir(self.folder):
            return Study(self.settings, ROOT)

    @property
    def run(self) -> Run:
        """The intermediate run."""
        return next(iter(self.study.runs["intermediate"].values()))

    def parent(self, stage: str) -> Run | None:
        """The task's prepared data or frozen layers' output."""
        runs = self.study.runs[stage].values()
        return next((run for run in runs if run.label == TASK), None)

    def receipt(self, run: Run | None) -> dict:
        """What a run left; nothing of no run."""
        return json.loads((self.folder / run.receipt).read_text(encoding="utf-8")) if run else {}

    def train(self) -> dict:
        """Run stage 1 by Snakemake, again if it was there; its receipt."""
        shutil.rmtree(self.folder / self.run.folder, ignore_errors=True)
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(self.settings), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", self.run.receipt.as_posix(), "--cores", "1"]
        command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", str(self.folder)]
        subprocess.run(
            [*command, "--configfile", str(path), "--quiet", "all"], check=True, cwd=ROOT
        )
        return self.receipt(self.run)


def peer(way: str, data: Path, encoder: Path, settings: dict, frozen: int) -> dict:
    """Train and judge with the Trainer; in a process of its own."""
    command = [sys.executable, __file__, "--peer", way, str(data), str(encoder)]
    command += [json.dumps(settings), str(frozen)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def example(row: dict) -> dict:
    """A prepared sentence as the Trainer takes it: a label at the first token of each word."""
    (ids,) = row["input_ids"]
    labels = [IGNORED] * len(ids)
    for label, position in zip(row["labels"], row["word_position"], strict=True):
        if position >= 0:
            labels[position] = label
    return {"input_ids": ids, "labels": labels}


def accuracy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Per cent of the words."""
    words = labels != IGNORED
    return 100 * float((logits.argmax(-1) == labels)[words].mean())


def train_peer(way: str, data: str, encoder: str, settings: dict, frozen: int) -> dict:
    """What `peer` runs: accuracy on dev and seconds."""
    import torch
    from transformers import AutoModelForTokenClassification, Trainer

    torch.set_num_threads(1)
    begun = time.process_time()
    train, dev = (split(Path(data), name) for name in ("train", "dev"))
    dropout = settings["dropout"]
    model = AutoModelForTokenClassification.from_pretrained(
        encoder, num_labels=1 + max(max(row["labels"]) for row in train + dev),
        hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout, local_files_only=True,
    )  # fmt: skip
    base = model.base_model
    for part in [base.embeddings, *base.encoder.layer[:frozen]] if frozen else []:
        part.requires_grad_(False)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=arguments_of(way, settings, len(train), folder),
            data_collator=partial(collate, way, model.config.pad_token_id),
            train_dataset=train,
            eval_dataset=dev,
            compute_metrics=lambda found: {"accuracy": accuracy(*found)},
        )
        trainer.train()
    judged = [log["eval_accuracy"] for log in trainer.state.log_history if "eval_accuracy" in log]
    return {
        "accuracy": judged[-1],
        "steps": trainer.state.global_step,
        "cpu_seconds": time.process_time() - begun,
    }


def split(data: Path, name: str) -> list[dict]:
    """A prepared split as the Trainer takes it."""
    import pyarrow as pa

    with pa.memory_map(str(data / f"{name}.arrow")) as source:
        rows = pa.ipc.open_file(source).read_all().to_pylist()
    return [example(row) for row in rows]


def collate(way: str, padding: int, rows: list[dict]) -> dict:
    """A batch, padded to the maximum length or to its longest sentence."""
    import torch

    longest = PADDED if way == "padded" else max(len(row["input_ids"]) for row in rows)
    ids = torch.full((len(rows), longest), padding)
    tags = torch.full((len(rows), longest), IGNORED)
    for place, row in enumerate(rows):
        length = len(row["input_ids"])
        ids[place, :length] = torch.tensor(row["input_ids"])
        tags[place, :length] = torch.tensor(row["labels"])
    return {"input_ids": ids, "attention_mask": (ids != padding).long(), "labels": tags}


def arguments_of(way: str, settings: dict, examples: int, folder: str) -> "TrainingArguments":
    """The settings of our run in the Trainer's words."""
    from transformers import TrainingArguments

    batch = settings["batch_examples"]
    steps = round(settings["epochs"] * -(-examples // batch))
    return TrainingArguments(
        output_dir=folder,
        use_cpu=True,
        per_device_train_batch_size=batch,
        per_device_eval_batch_size=64,
        num_train_epochs=settings["epochs"],
        learning_rate=settings["learning_rate"],
        warmup_steps=round(settings["warmup_share"] * steps),
        weight_decay=settings["weight_decay"],
        max_grad_norm=settings["gradient_clip"],
        train_sampling_strategy="group_by_length" if way == "grouped" else "random",
        eval_strategy="steps",
        eval_steps=-(-steps // settings["evaluations"]),
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        seed=1,
    )


def measure(folder: Path, frozen: int, repeats: int) -> list[list]:
    """Rows of the table for one depth of freezing."""
    folder.mkdir()
    mine = Ours(folder, config(frozen))
    found = {name: [] for name in ["xstilts", *WAYS]}
    for _ in range(repeats):
        receipt = mine.train()
        found["xstilts"].append(
            {
                "cpu_seconds": receipt["cpu_seconds"],
                "steps": receipt["training"]["steps"],
                "accuracy": receipt["dev"][TASK]["score"],
            }
        )
        data, encoder = folder / mine.parent("data").folder, folder / mine.study.encoder.folder
        for way in WAYS:
            found[way].append(peer(way, data, encoder, receipt["recipe"]["training"], frozen))
        print(f"{frozen} layers frozen:", {name: runs[-1] for name, runs in found.items()})
    once = mine.receipt(mine.parent("activations")).get("cpu_seconds", 0)
    seconds = {name: median(one["cpu_seconds"] for one in runs) for name, runs in found.items()}
    return [
        [
            WAYS.get(name, name),
            f"{frozen} of 6",
            runs[0]["steps"],
            f"{seconds[name]:.1f}" + (f" + {once:.1f} once" if name == "xstilts" and once else ""),
            f"{seconds[name] / seconds['xstilts']:.1f}",
            f"{median(run['accuracy'] for run in runs):.1f}",
        ]
        for name, runs in found.items()
    ]


def main() -> None:
    """Measure and write."""
    if sys.argv[1:2] == ["--peer"]:
        way, data, encoder, settings, frozen = sys.argv[2:]
        print(json.dumps(train_peer(way, data, encoder, json.loads(settings), int(frozen))))
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    arguments = parser.parse_args()
    if find_spec("accelerate") is None:
        sys.exit("The Trainer needs accelerate: pip install accelerate.")
    with tempfile.TemporaryDirectory(prefix="trainer-speed.") as name:
        rows = [
            row
            for frozen in (0, 3)
            for row in measure(Path(name) / str(frozen), frozen, arguments.repeats)
        ]
    text = section(rows, arguments.repeats)
    print(text)
    if not arguments.show:
        put_section("trainer", text)


def section(rows: list[list], repeats: int) -> str:
    """The table with what it means."""
    header = ["by", "layers frozen", "steps", "processor seconds", "ratio", "dev accuracy"]
    return f"""## Fine-tuning beside Hugging Face's Trainer

CCG supertagging of the demo in batches of 16 on one thread, from weights on disk to the last of two
dev scores, without imports; medians of {repeats} turns. Both are given the same prepared examples
and the same head. "At its best": batches of like length, padded to their longest. What is counted
"once" is the output of the frozen layers, which all runs on a task share. The seconds of xstilts
hold what the Trainer was spared here: keeping the best weights, and writing them with their digest.

{table(header, rows)}

Made by `python benchmarks/trainer_speed.py`."""


if __name__ == "__main__":
    main()
