"""How fast translations are mined out of planted corpora, and in how much memory.

    python benchmarks/mining.py [--sentences 10000 30000 100000] [--width 384]
                                [--search blocks|gpu] [--output FILE.json]

Both sides lie in files of half precision, as many sentences on each, one fifth of them translations
of each other. Each size runs in a process of its own, whose peak memory is the operating system's
count (pages of the files included). What a million sentences take follows from the rate of
the largest size, for the work grows with the product of both sides.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from xstilts.retrieval.mining import best_threshold, mine
from xstilts.retrieval.search import both_ways

MILLION = 1_000_000
PLANTED = 0.2
CHUNK = 10_000


def plant(folder: Path, sentences: int, width: int) -> None:
    """Write source.npy and target.npy; the first fifth of the sources is translated in place."""
    shape = (sentences, width)
    kinds = {"mode": "w+", "dtype": np.float16, "shape": shape}
    source, target = (
        np.lib.format.open_memmap(folder / f"{name}.npy", **kinds) for name in ("source", "target")
    )
    pairs = round(PLANTED * sentences)
    for first in range(0, sentences, CHUNK):
        random = np.random.default_rng([sentences, first])
        rows = min(CHUNK, sentences - first)
        # A common part, as encoders have: all cosines are positive.
        one = random.standard_normal((rows, width)) + 1
        other = random.standard_normal((rows, width)) + 1
        translated = np.arange(first, first + rows) < pairs
        noise = 0.5 * random.standard_normal((rows, width))
        source[first : first + rows] = one
        target[first : first + rows] = np.where(translated[:, None], one + noise, other)


def _search(name: str):
    if name != "gpu":
        return both_ways
    import torch

    from xstilts.retrieval.gpu_search import GpuSearch

    return GpuSearch(torch.device("cuda"))


def measure(sentences: int, width: int, search: str) -> dict:
    """Mine one planted corpus."""
    with tempfile.TemporaryDirectory() as folder:
        plant(Path(folder), sentences, width)
        sides = [np.load(Path(folder) / f"{n}.npy", mmap_mode="r") for n in ("source", "target")]
        found = _search(search)
        began, cpu = time.perf_counter(), time.process_time()
        source, target, scores = mine(*sides, search=found, progress=_tell(began))
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    right = (source == target) & (source < PLANTED * sentences)
    _, f1 = best_threshold(scores, right, round(PLANTED * sentences))
    return {
        "sentences": sentences,
        "width": width,
        "search": search,
        "threads": int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "sentences_per_second": round(2 * sentences / seconds),
        "cosines_per_second": round(sentences**2 / seconds),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "f1": round(f1, 2),
        "hours_for_a_million": round(seconds * (MILLION / sentences) ** 2 / 3600, 2),
        "core_hours_for_a_million": round(cpu * (MILLION / sentences) ** 2 / 3600, 2),
    }


def _tell(began: float):
    last = [began]

    def progress(done: int, total: int) -> None:
        if time.perf_counter() - last[0] > 10:
            last[0] = time.perf_counter()
            print(f"{done} of {total} blocks, {last[0] - began:.0f} s", file=sys.stderr)

    return progress


def main() -> None:
    """Measure each size in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sentences", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument("--search", choices=["blocks", "gpu"], default="blocks")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        return print(json.dumps(measure(given.sentences[0], given.width, given.search)))
    rows = []
    for sentences in given.sentences:
        command = [sys.executable, __file__, "--here", "--sentences", str(sentences)]
        command += ["--width", str(given.width), "--search", given.search]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        rows.append(json.loads(done.stdout))
        print(json.dumps(rows[-1]), flush=True)
    if given.output:
        given.output.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
