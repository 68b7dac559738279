"""What the demo took and learned, from its receipts, logs and tables, into docs/demo.md.

    python benchmarks/demo.py --folder .

after `make run` in that folder. Nothing is run; every figure is one that a rule left there.
"""

import argparse
import csv
import json
import os
import platform
from collections import defaultdict
from pathlib import Path

import torch
import yaml
from readme import put_section, table

from xstilts.commands.slowdown import took
from xstilts.core.layout import duration
from xstilts.core.paths import STAGES
from xstilts.core.receipts import read_receipt
from xstilts.plan.grid import Study

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "demo.md"
# Rules that are asked for beside a run.
BESIDE = {"take_screenshots", "write_submission"}


def machine() -> str:
    """The processor, how many cores of it, and the software."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next(line.partition(": ")[2] for line in lines if line.startswith("model name"))
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores of {model}, Python {platform.python_version()}, torch {torch.__version__}"
    )


def costs(study: Study) -> list[list[object]]:
    """Runs, core-seconds and most memory by stage; tables by their logs."""
    rows: list[list[object]] = []
    for stage in STAGES:
        receipts = [read_receipt(run.folder) for run in study.runs[stage].values()]
        if receipts:
            memory = max(float(one.get("peak_memory_bytes") or 0) / 1e6 for one in receipts)
            seconds = sum(float(one.get("cpu_seconds") or 0) for one in receipts)
            rows.append(
                [stage, len(receipts), f"{seconds:,.0f}", f"{memory:,.0f}" if memory else ""]
            )
    logs = sorted(Path("logs", "studies", study.config["study"]).glob("*.log"))
    own = [log for log in logs if log.stem not in BESIDE]
    seconds = [found[1] for found in map(took, own) if found]
    rows.append(["tables", len(seconds), f"{sum(seconds):,.0f}", ""])
    total = sum(float(str(row[2]).replace(",", "")) for row in rows)
    return [*rows, ["all", sum(int(str(row[1])) for row in rows), f"{total:,.0f}", ""]]


def wall_seconds() -> float:
    """From the first start to the last end that a log tells."""
    ends = {log: log.stat().st_mtime for log in Path("logs").rglob("*.log") if took(log)}
    ends = {log: end for log, end in ends.items() if log.stem not in BESIDE}
    starts = [end - took(log)[0] for log, end in ends.items()]
    return max(ends.values()) - min(starts)


def learning(study: Study) -> tuple[str, list[list[str]]]:
    """A sentence on who learned, and the rows of learning.tsv."""
    with (study.tables / "learning.tsv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.DictReader(stream, delimiter="\t"))
    counts: dict[str, list[bool]] = defaultdict(list)
    rows = []
    for row in found:
        learned = row["learned"].lower() == "true"
        counts[row["role"]].append(learned)
        name = row["task"] if learned else f"{row['task']} (not learned)"
        dev = f"{float(row['english_dev']):.1f} ± {float(row['standard_error']):.1f}"
        tests = row["english_test"], row["other_languages"]
        rest = [f"{float(value):.1f}" if value else "" for value in tests]
        rows.append([name, row["role"], row["metric"], f"{float(row['chance']):.1f}", dev, *rest])
    told = [f"{sum(one)} of {len(one)} {role} tasks" for role, one in counts.items()]
    return " and ".join(told), rows


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(), help="where the demo ran")
    os.chdir(parser.parse_args().folder)
    study = Study(yaml.safe_load((ROOT / "config" / "config.yaml").read_text()), ROOT)
    who, rows = learning(study)
    cost = costs(study)
    put_section(
        "cost",
        f"It took {duration(wall_seconds())} of wall time on {machine()}.\n\n"
        + table(["stage", "jobs", "core-seconds", "most memory, MB"], cost),
        PAGE,
    )
    head = ["task", "role", "metric", "chance", "English dev", "English test", "other languages"]
    put_section(
        "learning",
        f"{who} score more than two standard errors above chance on English dev. Chance is the "
        "best constant answer, or, for tags and spans, an untrained head if that is better. "
        "Targets are those of the baseline row.\n\n" + table(head, rows),
        PAGE,
    )
    print(json.dumps({"wall": wall_seconds(), "cost": cost}))


if __name__ == "__main__":
    main()
