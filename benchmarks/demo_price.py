"""A study at an earlier commit and at this one: processor seconds by stage, scores, in turns.

    python benchmarks/demo_price.py --before b0307a0 [--changed pawsx] [--turns 3]
                                    [--folder FOLDER] [--samples DATA_ROOT]

Each turn runs the demo of both commits from nothing, one after the other, on two cores, in a
checkout of its own below FOLDER; one that has run to its end there is not run again, so that the
benchmark may be broken off. Writes the section "price" of docs/demo.md. Seconds by stage are the
receipts'; "all processes" is what the system counted for Snakemake and all it started.

With --samples the study is a part of this commit's config/samples.yaml, with DATA_ROOT, and the
section "samples price" of benchmarks/README.md.
"""

import argparse
import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd
from readme import put_section, table

ROOT = Path(__file__).resolve().parents[1]
MEASURED = "measured.json"
SIDES = ("before", "after")
# linux/prctl.h: orphans become this process's children, so that their seconds are counted too.
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Priced:
    """A study that is run at both commits, and where its table goes."""

    tables: Path
    arguments: tuple[str, ...]
    heading: str
    what: str
    page: Path
    section: str


DEMO = Priced(
    tables=Path("results", "studies", "demo"),
    arguments=(),
    heading="What it cost before",
    what="The demo",
    page=ROOT / "docs" / "demo.md",
    section="price",
)


def samples(data_root: Path) -> Priced:
    """Three rows and the baseline of the samples study, up to the scores."""
    tables = Path("results", "studies", "samples")
    rows = ("mnli", "squad_v1", "ccg")
    return Priced(
        tables=tables,
        arguments=(
            *("--configfile", str(ROOT / "config" / "samples.yaml")),
            *("--config", f"data_root={data_root.resolve()}"),
            f"intermediate_tasks=[{','.join(rows)}]", "multitask={enabled: false}",
            "--", str(tables / "scores.parquet"), str(tables / "learning.tsv"),
        ),
        heading="What the samples study cost before",
        what=f"Rows none, {', '.join(rows)} and all targets of `config/samples.yaml`",
        page=ROOT / "benchmarks" / "README.md",
        section="samples price",
    )  # fmt: skip


def checkout(revision: str, folder: Path) -> None:
    """A clean copy of `revision` at `folder`, in place of one whose run was broken off."""
    worktree = ["git", "-C", str(ROOT), "worktree"]
    if folder.exists():
        subprocess.run([*worktree, "remove", "--force", str(folder)], check=True)
    command = [*worktree, "add", "--force", "--detach", str(folder), revision]
    subprocess.run(command, check=True, capture_output=True)


def run(priced: Priced, folder: Path) -> None:
    """Run the study in a checkout and write what it took beside its results."""
    environment = os.environ | {"PYTHONPATH": str(folder / "workflow" / "scripts")}
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *priced.arguments]
    before, start = child_seconds(), time.monotonic()
    with (folder / "run.log").open("w") as log:
        subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=log, check=True)
    wall = time.monotonic() - start
    # A process that outlives Snakemake, as a preloaded Python does for a moment, is waited for.
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    measured = {"wall": wall, "processor": child_seconds() - before}
    (folder / MEASURED).write_text(json.dumps(measured), encoding="utf-8")


def child_seconds() -> float:
    """Processor seconds of all processes that this one has waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def stage_seconds(folder: Path) -> dict[str, float]:
    """Processor seconds of the runs of each stage, by their receipts."""
    seconds: dict[str, float] = {}
    for receipt in sorted(folder.glob("results/**/receipt.json")):
        stage = receipt.relative_to(folder / "results").parts[-3]
        content = json.loads(receipt.read_text(encoding="utf-8"))
        seconds[stage] = seconds.get(stage, 0) + float(content.get("cpu_seconds") or 0)
    return seconds


def scores(tables: Path) -> pd.Series:
    """Score of each cell: the mean over its languages of the primary metric, in points."""
    values = pd.read_parquet(tables / "scores.parquet")
    primary = values[values["primary"]]
    return primary.groupby(["target", "intermediate"])["value"].mean()


def learned(tables: Path) -> pd.DataFrame:
    """English dev scores and their standard errors, by task and role."""
    judged = pd.read_csv(tables / "learning.tsv", sep="\t")
    return judged.set_index(["role", "task"])[["english_dev", "standard_error"]]


def price(turns: list[dict[str, Path]]) -> str:
    """Stages by sides: medians over turns and their range."""
    by_side = {side: [stage_seconds(turn[side]) for turn in turns] for side in SIDES}
    totals = {
        side: [json.loads((turn[side] / MEASURED).read_text()) for turn in turns] for side in SIDES
    }
    rows = []
    for stage in dict.fromkeys(name for turn in by_side["before"] for name in turn):
        series = [[turn.get(stage, 0.0) for turn in by_side[side]] for side in SIDES]
        rows.append([stage, *compared(*series)])
    for name, key in [("all processes", "processor"), ("wall clock", "wall")]:
        rows.append([name, *compared(*([turn[key] for turn in totals[side]] for side in SIDES))])
    return table(["of a processor", "before", "after", "after / before"], rows)


def compared(before: list[float], after: list[float]) -> list[str]:
    """Medians with ranges, and the median ratio within a turn."""
    ratio = median(
        new / old if old else float("nan") for old, new in zip(before, after, strict=True)
    )
    return [ranged(before), ranged(after), f"{ratio:.2f}"]


def ranged(values: list[float]) -> str:
    """The median, and the range where there are several."""
    text = f"{median(values):,.0f} s"
    return f"{text} ({min(values):,.0f} to {max(values):,.0f})" if len(values) > 1 else text


def score_change(tables: dict[str, Path], changed: list[str]) -> str:
    """Test scores over cells in a sentence, dev scores in a table: the same in every turn."""
    old, new = (scores(tables[side]) for side in SIDES)
    every = (new - old).dropna()
    on_purpose = every.index.get_level_values("target").isin(changed)
    change = every[~on_purpose]
    error = change.std(ddof=1) / len(change) ** 0.5
    aside = (
        f"; those of {', '.join(changed)}, whose training was changed on purpose, by "
        f"{every[on_purpose].mean():+.1f}"
        if changed
        else ""
    )
    old_dev, new_dev = (learned(tables[side]) for side in SIDES)
    rows = [
        [task, role, *(f"{dev.loc[(role, task)].iloc[0]:.1f} ± {dev.loc[(role, task)].iloc[1]:.1f}"
                       for dev in (old_dev, new_dev))]
        for role, task in new_dev.index if (role, task) in old_dev.index
    ]  # fmt: skip
    return (
        f"Test scores of {len(change)} cells changed by {change.mean():+.2f} ± {error:.2f} points "
        f"in the mean (standard error over cells){aside}.\n\n"
        + table(["task", "role", "English dev before", "English dev after"], rows)
    )


def main() -> None:
    """Run the turns and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--before", required=True, help="the earlier commit")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument(
        "--changed", nargs="*", default=[], metavar="TARGET",
        help="targets whose training was changed on purpose: told apart",
    )  # fmt: skip
    parser.add_argument("--folder", type=Path, default=ROOT / "results" / "price")
    parser.add_argument(
        "--samples",
        type=Path,
        metavar="DATA_ROOT",
        help="a part of the samples study, not the demo",
    )
    given = parser.parse_args()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    priced = samples(given.samples) if given.samples else DEMO
    folder = given.folder.resolve()
    turns = [{side: folder / f"{side}-{turn}" for side in SIDES} for turn in range(given.turns)]
    for turn in turns:
        for side, revision in zip(SIDES, (given.before, "HEAD"), strict=True):
            if (turn[side] / MEASURED).exists():
                continue
            checkout(revision, turn[side])
            run(priced, turn[side])
    text = section(priced, turns, given)
    put_section(priced.section, text, priced.page)
    print(text)


def section(priced: Priced, turns: list[dict[str, Path]], given: argparse.Namespace) -> str:
    """Seconds and scores of both commits."""
    options = ["--before", given.before, *(["--changed", *given.changed] if given.changed else [])]
    options += ["--samples DATA_ROOT"] if given.samples else []
    count = f"{len(turns)} turn{'s' if len(turns) > 1 else ''}"
    tables = {side: turns[0][side] / priced.tables for side in SIDES}
    return f"""## {priced.heading}

{priced.what}, from nothing on two cores: by commit {given.before}, then by the one
that this page belongs to, in {count}.

{price(turns)}

{score_change(tables, given.changed)}

Made by `python benchmarks/demo_price.py {" ".join(options)}`."""


if __name__ == "__main__":
    main()
