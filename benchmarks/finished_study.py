"""What a finished study took and learned, from its receipts, logs and tables."""

import csv
import os
import platform
from collections import defaultdict
from pathlib import Path

import torch
from readme import table

from xstilts.commands.slowdown import took
from xstilts.core.paths import STAGES
from xstilts.core.receipts import read_receipt
from xstilts.plan.grid import Study

# Rules that are asked for beside a run.
BESIDE = {"take_screenshots", "write_submission"}
COST_COLUMNS = ["stage", "jobs", "core-seconds", "most memory, MB"]
LEARNING_COLUMNS = [
    "task", "role", "metric", "chance", "English dev", "English test", "other languages",
]  # fmt: skip


def machine() -> str:
    """The processor, how many cores of it, and the software."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores of {model}, Python {platform.python_version()}, torch {torch.__version__}"
    )


def costs(study: Study) -> list[list[object]]:
    """Rows of COST_COLUMNS: runs by stage from their receipts, tables from their logs, all."""
    rows: list[list[object]] = []
    for stage in STAGES:
        receipts = [read_receipt(run.folder) for run in study.runs[stage].values()]
        if receipts:
            memory = max(float(receipt.get("peak_memory_bytes") or 0) / 1e6 for receipt in receipts)
            seconds = sum(float(receipt.get("cpu_seconds") or 0) for receipt in receipts)
            rows.append(
                [stage, len(receipts), f"{seconds:,.0f}", f"{memory:,.0f}" if memory else ""]
            )
    logs = sorted(Path("logs", "studies", study.config["study"]).glob("*.log"))
    own = [log for log in logs if log.stem not in BESIDE]
    seconds = [usage[1] for usage in map(took, own) if usage]
    rows.append(["tables", len(seconds), f"{sum(seconds):,.0f}", ""])
    total = sum(float(str(row[2]).replace(",", "")) for row in rows)
    return [*rows, ["all", sum(int(str(row[1])) for row in rows), f"{total:,.0f}", ""]]


def cost_table(study: Study) -> str:
    """The costs as Markdown."""
    return table(COST_COLUMNS, costs(study))


def wall_seconds() -> float:
    """From the first start to the last end that a log tells."""
    ends = {log: log.stat().st_mtime for log in Path("logs").rglob("*.log") if took(log)}
    ends = {log: end for log, end in ends.items() if log.stem not in BESIDE}
    starts = [end - took(log)[0] for log, end in ends.items()]
    return max(ends.values()) - min(starts)


def learning(study: Study) -> str:
    """Who learned, in words, and learning.tsv as Markdown."""
    with (study.tables / "learning.tsv").open(encoding="utf-8", newline="") as stream:
        judged = list(csv.DictReader(stream, delimiter="\t"))
    counts: dict[str, list[bool]] = defaultdict(list)
    rows = []
    for row in judged:
        learned = row["learned"].lower() == "true"
        counts[row["role"]].append(learned)
        name = row["task"] if learned else f"{row['task']} (not learned)"
        dev = f"{float(row['english_dev']):.1f} ± {float(row['standard_error']):.1f}"
        tests = row["english_test"], row["other_languages"]
        rest = [f"{float(value):.1f}" if value else "" for value in tests]
        rows.append([name, row["role"], row["metric"], f"{float(row['chance']):.1f}", dev, *rest])
    words = [f"{sum(flags)} of {len(flags)} {role} tasks" for role, flags in counts.items()]
    return f"{' and '.join(words)} {CHANCE}\n\n" + table(LEARNING_COLUMNS, rows)


CHANCE = (
    "score more than two standard errors above chance on English dev. Chance is the best constant "
    "answer, or, for tags and spans, an untrained head if that is better. Targets are those of the "
    "baseline row."
)
