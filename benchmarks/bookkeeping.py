"""What names, digests, receipts and checkpoints cost, as a share of a finished study's time.

    python benchmarks/bookkeeping.py --config config/config.yaml --folder .

Does again, and times, what the jobs of the study did for the record: SHA-256 of every file of a run
and of the encoder that it started from, receipts written to the disk for good, checkpoints (as many
as the seconds between them asked for, of the size that the row's weights need), and the planning of
the study in every call of Snakemake. The whole is the processor time in receipts and tables' logs.
Writes the section "bookkeeping" of benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from readme import put_section, table

from xstilts.commands.slowdown import took
from xstilts.core.files import file_sha256
from xstilts.core.receipts import publish, read_receipt
from xstilts.plan.grid import Study
from xstilts.training import checkpoint

# AdamW keeps two moments beside each weight.
COPIES = 3
LIMIT = 0.01


def timed(act: Callable[[], object]) -> float:
    """Seconds of wall time that `act` takes; the disk's are in them."""
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def checkpoints_of(receipt: dict, seconds: float) -> int:
    """How many checkpoints a run wrote."""
    return int(receipt.get("wall_seconds", 0) // seconds) if "training" in receipt else 0


def checkpoint_seconds(trained_bytes: int) -> float:
    """Seconds to write and digest one checkpoint of so many trained bytes."""
    tensors = {str(copy): torch.rand(max(1, trained_bytes // 4)) for copy in range(COPIES)}
    with tempfile.TemporaryDirectory(dir=".") as folder:
        return timed(lambda: checkpoint.save(Path(folder), tensors, {"step": 1}))


def measured(study: Study, config: dict) -> Iterator[tuple[str, int, int, float]]:
    """What was done, how often, on how many bytes, in how many seconds."""
    runs = [run for stage in study.runs.values() for run in stage.values()]
    receipts = {run.name: read_receipt(run.folder) for run in runs}
    files = [run.folder / name for run in runs for name in receipts[run.name].get("files") or {}]
    seconds = timed(lambda: [file_sha256(path) for path in files])
    yield "digests of files", len(files), sum(path.stat().st_size for path in files), seconds

    starts = [run.parents["intermediate"] for run in runs if "intermediate" in run.parents]
    weights = [start.folder / "encoder.safetensors" for start in starts]
    weights = [path for path in weights if path.is_file()]
    seconds = timed(lambda: [file_sha256(path) for path in weights])
    yield "digests of parents", len(weights), sum(p.stat().st_size for p in weights), seconds

    with tempfile.TemporaryDirectory(dir=".") as folder:
        places = {name: Path(folder) / name for name in receipts}
        for place in places.values():
            place.mkdir()
        seconds = timed(lambda: [publish(places[name], receipts[name]) for name in receipts])
    sizes = [run.receipt.stat().st_size for run in runs]
    yield "receipts", len(receipts), sum(sizes), seconds

    size = max((path.stat().st_size for path in weights), default=0)
    often = sum(
        checkpoints_of(one, study.config["checkpoint_seconds"]) for one in receipts.values()
    )
    each = checkpoint_seconds(size)
    yield "checkpoints", often, often * COPIES * size, often * each
    print(f"One checkpoint of {COPIES * size / 1e6:.0f} MB takes {each:.2f} s.")

    yield "planning", 1, 0, timed(lambda: Study(config, ROOT))


def whole(study: Study) -> float:
    """Processor seconds of all runs and tables of the study."""
    runs = [run for stage in study.runs.values() for run in stage.values()]
    total = sum(read_receipt(run.folder).get("cpu_seconds", 0) for run in runs)
    logs = Path("logs", "studies", study.config["study"]).glob("*.log")
    return total + sum(times[1] for times in map(took, logs) if times)


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--folder", type=Path, default=Path(), help="that holds results/ and logs/")
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    given = parser.parse_args()
    config = yaml.safe_load(given.config.read_text())
    os.chdir(given.folder)
    study = Study(config, ROOT)
    total = whole(study)
    text = section(config["study"], total, list(measured(study, config)))
    print(text)
    if not given.show:
        put_section("bookkeeping", text)


def section(study: str, total: float, rows: list[tuple[str, int, int, float]]) -> str:
    """The table and its sum as a share of `total` processor seconds."""
    seconds = sum(row[3] for row in rows)
    lines = [
        [what, times, f"{size / 1e6:.1f}", f"{took:.2f}", f"{took / total:.2%}"]
        for what, times, size, took in rows
    ]
    lines.append(["all", "", "", f"{seconds:.2f}", f"{seconds / total:.2%}"])
    return f"""## What the record costs

Names, digests, receipts and checkpoints of the study `{study}`, done again and timed, as a share of
the {total:.0f} processor seconds of its runs and tables; to stay under {LIMIT:.0%}.

{table(["what", "times", "MB", "seconds", "share"], lines)}

Made by `python benchmarks/bookkeeping.py`.
"""


if __name__ == "__main__":
    main()
