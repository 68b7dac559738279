"""Fine-tuning here and by Hugging Face's Trainer: same encoder, head, examples, steps and core.

    pip install accelerate
    python benchmarks/trainer_speed.py [--repeats 5]

Trains the demo's CCG supertagging as its stage 1 does, and by the Trainer on the same prepared
examples: with its best settings (batches of like length, padded to their longest) and, once,
padded to the maximum length, as jiant and XTREME's scripts do. Each in a process of its own, in
turns, with one thread. Seconds are of the processor, of the whole process: imports, weights from
the disk, all dev scores, weights onto the disk. Writes the section "trainer" of
benchmarks/README.md; `--show` prints it instead.
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
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))
os.environ.update(OMP_NUM_THREADS="1", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")

import numpy as np
import yaml
from readme import put_section, table

from xstilts.core.processor import multiplies_bfloat16, processor
from xstilts.plan.grid import Study, job_description
from xstilts.plan.recipes import Run

if TYPE_CHECKING:
    from transformers import TrainingArguments

# The heads of taggers are the same in both: dropout and a linear layer on a word's first token.
TASK = "ccg"
# The paper's and XTREME's scripts pad to 128.
PADDED = 128
IGNORED = -100
PRECISIONS = ("float32", *(["bfloat16"] if multiplies_bfloat16() else []))
PADDED_WAY, BEST_WAY = "padded", "grouped"
NAMES = {PADDED_WAY: "Trainer, padded to 128", BEST_WAY: "Trainer, at its best"}
# Who is compared with whom: by name and arithmetic.
Way = tuple[str, str]
OURS = "xstilts"
REFERENCE = (BEST_WAY, "float32")


def config(frozen: int, precision: str) -> dict:
    """The demo with one intermediate task, and one learning rate, as the Trainer has."""
    demo = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    # Tied to tasks that are not here.
    kept = {key: value for key, value in demo.items() if key not in ("multitask", "tasks")}
    return kept | {
        "study": f"speed{frozen}",
        "precision": precision,
        "encoder": demo["encoder"] | {"frozen_layers": frozen},
        "intermediate_tasks": [TASK],
        "target_tasks": ["pos"],
        "training": demo["training"] | {"head_learning_rate": None},
    }


@dataclass(frozen=True)
class Measured:
    """One process: processor seconds of all of it and of its imports, steps, accuracy on dev."""

    seconds: float
    imports: float
    steps: int
    accuracy: float


def child(*arguments: str) -> Measured:
    """Run this file with `arguments` in a process of its own."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, arguments[:2])
        output.seek(0)
        told = json.loads(output.read().splitlines()[-1])
    return Measured(seconds=usage.ru_utime + usage.ru_stime, **told)


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

    def prepare(self) -> None:
        """Have Snakemake make what the run reads."""
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(self.settings), encoding="utf-8")
        parents = [run for run in (self.parent("data"), self.parent("activations")) if run]
        command = [sys.executable, "-m", "snakemake", *(run.receipt.as_posix() for run in parents)]
        command += [
            "--snakefile",
            str(ROOT / "workflow" / "Snakefile"),
            "--directory",
            str(self.folder),
        ]
        command += ["--configfile", str(path), "--cores", "1", "--quiet", "all"]
        subprocess.run(command, check=True, cwd=ROOT)

    def train(self) -> Measured:
        """Make the run, again if it was there."""
        shutil.rmtree(self.folder / self.run.folder, ignore_errors=True)
        return child("--ours", str(self.folder), job_description(self.run))


def train_ours(folder: str, job: str) -> dict[str, Any]:
    """What `Ours.train` runs: the job of rule finetune_intermediate."""
    import torch

    from xstilts.training.intermediate import finetune_intermediate
    from xstilts.training.job import Job

    imports = time.process_time()
    os.chdir(folder)
    torch.set_num_threads(1)
    made = Job.from_json(job, {"accelerator": "cpu"})
    finetune_intermediate(made)
    receipt = json.loads((made.folder / "receipt.json").read_text(encoding="utf-8"))
    dev, steps = receipt["dev"][TASK]["score"], receipt["training"]["steps"]
    return {"imports": imports, "steps": steps, "accuracy": dev}


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


def train_peer(way: str, precision: str, data: str, encoder: str, settings: str, frozen: str):
    """Train, judge and save with the Trainer."""
    import torch
    from transformers import AutoModelForTokenClassification, Trainer

    imports = time.process_time()
    torch.set_num_threads(1)
    train, dev = (split(Path(data), name) for name in ("train", "dev"))
    recipe = json.loads(settings)
    dropout = recipe["dropout"]
    model = AutoModelForTokenClassification.from_pretrained(
        encoder, num_labels=1 + max(max(row["labels"]) for row in train + dev),
        hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout, local_files_only=True,
    )  # fmt: skip
    base, depth = model.base_model, int(frozen)
    for part in [base.embeddings, *base.encoder.layer[:depth]] if depth else []:
        part.requires_grad_(False)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=arguments_of(way, precision, recipe, len(train), folder),
            data_collator=partial(collate, way, model.config.pad_token_id),
            train_dataset=train,
            eval_dataset=dev,
            compute_metrics=lambda found: {"accuracy": accuracy(*found)},
        )
        trainer.train()
        trainer.save_model(folder)
    judged = [log["eval_accuracy"] for log in trainer.state.log_history if "eval_accuracy" in log]
    return {"imports": imports, "steps": trainer.state.global_step, "accuracy": judged[-1]}


def split(data: Path, name: str) -> list[dict]:
    """A prepared split as the Trainer takes it."""
    import pyarrow as pa

    with pa.memory_map(str(data / f"{name}.arrow")) as source:
        rows = pa.ipc.open_file(source).read_all().to_pylist()
    return [example(row) for row in rows]


def collate(way: str, padding: int, rows: list[dict]) -> dict:
    """A batch, padded to the maximum length or to its longest sentence."""
    import torch

    longest = PADDED if way == PADDED_WAY else max(len(row["input_ids"]) for row in rows)
    ids = torch.full((len(rows), longest), padding)
    tags = torch.full((len(rows), longest), IGNORED)
    for place, row in enumerate(rows):
        length = len(row["input_ids"])
        ids[place, :length] = torch.tensor(row["input_ids"])
        tags[place, :length] = torch.tensor(row["labels"])
    return {"input_ids": ids, "attention_mask": (ids != padding).long(), "labels": tags}


def arguments_of(
    way: str, precision: str, settings: dict, examples: int, folder: str
) -> "TrainingArguments":
    """The settings of our run in the Trainer's words."""
    from transformers import TrainingArguments

    batch = settings["batch_examples"]
    steps = round(settings["epochs"] * -(-examples // batch))
    return TrainingArguments(
        output_dir=folder,
        use_cpu=True,
        bf16=precision == "bfloat16",
        per_device_train_batch_size=batch,
        per_device_eval_batch_size=64,
        num_train_epochs=settings["epochs"],
        learning_rate=settings["learning_rate"],
        warmup_steps=round(settings["warmup_share"] * steps),
        weight_decay=settings["weight_decay"],
        max_grad_norm=settings["gradient_clip"],
        train_sampling_strategy="group_by_length" if way == BEST_WAY else "random",
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
    mine = {}
    for precision in PRECISIONS:
        place = folder / precision
        place.mkdir(parents=True)
        mine[precision] = Ours(place, config(frozen, precision))
        mine[precision].prepare()
    found: dict[Way, list[Measured]] = {(OURS, precision): [] for precision in PRECISIONS}
    found |= {(BEST_WAY, precision): [] for precision in PRECISIONS}
    found[PADDED_WAY, "float32"] = []
    for turn in range(repeats):
        for way, runs in found.items():
            # The dearest, and far behind: once is enough.
            if way[0] != PADDED_WAY or not turn:
                runs.append(once(way, mine[way[1]], frozen))
                print(f"{frozen} layers frozen, {way}: {runs[-1]}", file=sys.stderr, flush=True)
    shared = mine["float32"].receipt(mine["float32"].parent("activations")).get("cpu_seconds", 0)
    return [row(way, runs, found[REFERENCE], frozen, shared) for way, runs in found.items()]


def once(way: Way, mine: Ours, frozen: int) -> Measured:
    """One process of `way`."""
    name, precision = way
    if name == OURS:
        return mine.train()
    settings = json.dumps(mine.run.recipe["training"])
    data, encoder = mine.parent("data"), mine.study.encoder
    places = (str(mine.folder / run.folder) for run in (data, encoder))
    return child("--peer", name, precision, *places, settings, str(frozen))


def row(
    way: Way, runs: list[Measured], reference: list[Measured], frozen: int, shared: float
) -> list:
    """A line of the table; ratios are medians over turns, each of the two of one turn."""
    name, precision = way
    ours = name == OURS

    def ratio(seconds: Any) -> str:
        pairs = zip(reference, runs, strict=False)
        return f"{median(seconds(theirs) / seconds(own) for theirs, own in pairs):.2f}"

    seconds = f"{median(run.seconds for run in runs):.1f}"
    return [
        NAMES.get(name, name),
        precision,
        f"{frozen} of 6",
        runs[0].steps,
        seconds + (f" + {shared:.1f} once" if ours and shared else ""),
        f"{median(run.imports for run in runs):.1f}",
        ratio(lambda run: run.seconds),
        ratio(lambda run: run.seconds - run.imports),
        f"{median(run.accuracy for run in runs):.1f}",
    ]


def main() -> None:
    """Measure and write."""
    modes = {"--peer": train_peer, "--ours": train_ours}
    if sys.argv[1:2] and sys.argv[1] in modes:
        print(json.dumps(modes[sys.argv[1]](*sys.argv[2:])))
        return
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
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
    header = [
        "by", "arithmetic", "layers frozen", "steps", "processor seconds", "of them imports",
        "Trainer's at its best / these", "without imports", "dev accuracy",
    ]  # fmt: skip
    return f"""## Fine-tuning beside Hugging Face's Trainer

CCG supertagging of the demo in batches of 16 on one thread. Each is a process of its own, counted
whole: imports, weights from the disk, training, both dev scores, weights onto the disk; Snakemake
itself is not in it. Medians of {repeats} turns, in each of which all run one after another; ratios
are medians of the turns' own. Padded to 128 ran once. Both are given the same prepared examples
and the same head. "At its best": batches of like length, padded to their longest. What is counted
"once" is the output of the frozen layers, which all runs on a task share. The seconds of xstilts
hold what the Trainer was spared here: checking the files it reads, keeping the best weights, and
their digest. On {processor().get("model name", "an unknown processor")}.

{table(header, rows)}

Made by `python benchmarks/trainer_speed.py`."""


if __name__ == "__main__":
    main()
