"""What planning, forecasting, inferring and reporting cost as a study grows.

    python benchmarks/planning.py

Each measurement is a process of its own, counted whole: imports, and all processes that it starts.
Plans are of the real sheets with everything still to do, in an empty folder; the tables of the
inference and of the page are simulated (`wide_study`). Writes the section "planning" of
benchmarks/README.md; `--show` prints it instead.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OMP_NUM_THREADS", "1")
SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

import yaml
from readme import put_section, table
from wide_study import ROOT, Shape, page_inputs, rows_of, sheets, write_study

# Not on the Hub, so that a plan would leave them out.
BY_HAND = ("ccg", "semtags")
# A second encoder of the Hub, of the first one's size.
SECOND = {"name": "bert-multilingual", "path": "google-bert/bert-base-multilingual-cased"}


class Grid(NamedTuple):
    """Intermediate tasks, target tasks, seeds, encoders."""

    intermediates: int
    targets: int
    seeds: int
    encoders: int

    def __str__(self) -> str:
        words = [f"{self.intermediates} x {self.targets}"]
        words += [f"{self.seeds} seeds"] if self.seeds > 1 else []
        words += [f"{self.encoders} encoders"] if self.encoders > 1 else []
        return " x ".join(words)


PLANS = [Grid(10, 14, 1, 1), Grid(20, 14, 1, 1), Grid(40, 14, 1, 1), Grid(40, 14, 5, 1),
         Grid(40, 14, 5, 2)]  # fmt: skip
STUDIES = [Shape(10, 14, 30, 1), Shape(20, 14, 30, 1), Shape(20, 14, 120, 1), Shape(20, 14, 120, 3)]


# A process's peak memory on Linux holds what it had before exec, which is its parent's: gigabytes
# where a test runner asks (getrusage(2): a maximum over the process's life). So a small one asks.
MEASURED = """
import json, resource, subprocess, sys
ended = subprocess.run(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss], file)
sys.exit(ended.returncode)
"""


@dataclass(frozen=True)
class Cost:
    """CPU seconds and peak megabytes of a process and all that it started, and what it printed."""

    seconds: float
    megabytes: float
    said: str


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Run `command` in `folder`.

    Raises:
        CalledProcessError: it failed; what it printed goes with it.
    """
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    with tempfile.NamedTemporaryFile("r") as used:
        ended = subprocess.run(
            [sys.executable, "-c", MEASURED, used.name, *command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if ended.returncode:
            raise subprocess.CalledProcessError(ended.returncode, command, ended.stdout)
        seconds, kilobytes = json.load(used)
    return Cost(seconds, kilobytes / 1024, ended.stdout)


def write_config(grid: Grid, folder: Path) -> Path:
    """config/wide.yaml of this size; rows beyond the sheets are variants."""
    config = yaml.safe_load((ROOT / "config" / "wide.yaml").read_text(encoding="utf-8"))
    every = [row for row in rows_of(2 * len(sheets())) if row.partition("+")[0] not in BY_HAND]
    encoder = config.pop("encoder")
    config |= {
        "intermediate_tasks": every[: grid.intermediates],
        "seeds": list(range(1, grid.seeds + 1)),
        "encoders": [encoder, encoder | SECOND][: grid.encoders],
        "masked_language_model": {"dataset": "wikimedia/wikipedia", "config": "{language}"},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def dry_run(grid: Grid, folder: Path) -> tuple[Cost, int]:
    """`snakemake -n` as a user types it, and its number of jobs."""
    command = [
        *(
            sys.executable,
            "-m",
            "snakemake",
            "-n",
            "--snakefile",
            str(ROOT / "workflow" / "Snakefile"),
        ),
        *("--workflow-profile", str(ROOT / "profiles" / "default")),
        *("--configfile", str(write_config(grid, folder))),
    ]
    found = cost(command, folder)
    jobs = re.search(r"^total +(\d+)$", found.said, re.MULTILINE)
    assert jobs, found.said
    return found, int(jobs[1])


def forecast(grid: Grid, folder: Path) -> tuple[Cost, int]:
    """`xstilts forecast`, which asks Snakemake, which plans; and its number of jobs."""
    config = str(write_config(grid, folder))
    found = cost([sys.executable, "-m", "xstilts", "forecast", "--configfile", config], folder)
    tables = list(folder.glob("results/studies/**/forecast.tsv"))
    return found, sum(len(path.read_text().splitlines()) - 1 for path in tables)


def inference_and_page(shape: Shape, folder: Path) -> tuple[Cost, Cost, float]:
    """The work of the rules `infer_effects` and `render_report`, and the page's megabytes."""
    files = write_study(shape, folder)
    inferred = cost([sys.executable, __file__, "--infer", str(folder)], folder)
    made = {"inference": sorted(map(str, (folder / "inference").glob("*.tsv"))),
            "answer": str(folder / "inference.json")}  # fmt: skip
    listed = {"shape": shape, "files": files | made}
    (folder / "files.json").write_text(json.dumps(listed, default=str), encoding="utf-8")
    written = cost([sys.executable, __file__, "--page", str(folder)], folder)
    return inferred, written, (folder / "report.html").stat().st_size / 1e6


def infer(folder: Path) -> None:
    """What `infer_effects.py` does, on the tables of `write_study`."""
    from xstilts.config.study_config import read_config
    from xstilts.inference.run import Inputs
    from xstilts.inference.run import infer as inferred
    from xstilts.inference.table_files import write_summary, write_tables

    minimal = {"study": "x", "source": "demo", "encoder": {"name": "x"}}
    config = read_config(minimal | {"limits": {"train": 1, "dev": 1, "test": 1}}, ROOT)
    paths = [folder / name for name in ("gains.parquet", "similarity.parquet", "languages.tsv")]
    primary = {"primary_measure": config["similarity"]["primary"]}
    found = inferred(Inputs.read(*paths), config["inference"] | primary)
    write_tables(found.tables, folder / "inference")
    write_summary(found.summary, folder / "inference.json")


def render_page(folder: Path) -> None:
    """What `render_report.py` does."""
    from xstilts.report.page import render

    listed = json.loads((folder / "files.json").read_text(encoding="utf-8"))
    inputs = page_inputs(Shape(*listed["shape"]), listed["files"])
    (folder / "report.html").write_text(render(inputs), encoding="utf-8")


class Line(NamedTuple):
    """One measurement: what of which study, how many jobs or rows, at which cost."""

    what: str
    study: str
    size: int
    cost: Cost
    page: str = ""


def measured() -> Iterator[Line]:
    """Every measurement, those of a kind from the smallest study to the largest."""
    for what, measure in (("snakemake -n", dry_run), ("xstilts forecast", forecast)):
        for grid in PLANS:
            with tempfile.TemporaryDirectory() as folder:
                found, jobs = measure(grid, Path(folder))
            yield Line(what, str(grid), jobs, found)
    pages = []
    for shape in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            inferred, written, size = inference_and_page(shape, Path(folder))
        rows = shape.intermediates * shape.targets * shape.languages * shape.seeds
        yield Line("inference", str(shape), rows, inferred)
        pages.append(Line("page", str(shape), rows, written, f"{size:.2f}"))
    yield from pages


def cells(line: Line, before: Line | None) -> list[str]:
    """A line of the table; how it has grown since the line `before`, if that is of its kind."""
    growth = ""
    if before and before.what == line.what:
        doublings = math.log2(line.size / before.size)
        growth = f"{(line.cost.seconds / before.cost.seconds) ** (1 / doublings):.2f}"
    used = line.cost
    return [line.what, line.study, f"{line.size:,}", f"{used.seconds:.1f}",
            f"{used.megabytes:.0f}", growth, line.page]  # fmt: skip


HEADER = ("what", "study", "jobs, or rows of gains", "CPU, s", "memory, MB", "for twice the size",
          "page, MB")  # fmt: skip
TEXT = """## How planning, inference and page grow

Whole processes and all that they start, CPU seconds; everything is still to be done. Plans and
forecasts: intermediate x target tasks, of the real sheets (beyond 34 rows their variants `+mlm`) in
all of their languages, whose files are jobs too. Inference and page: intermediate x target tasks x
languages of every target x seeds, simulated. "For twice the size": the factor by which the CPU
seconds grow, from the line before, for each doubling of jobs or rows; 2 is in proportion.
Measured {load}.

{table}

Made by `python benchmarks/planning.py`.
"""


def load() -> str:
    """How busy the machine was, which makes CPU seconds longer."""
    waiting, cores = os.getloadavg()[2], os.cpu_count() or 1
    busy = "on a quiet machine"
    return f"while {waiting:.0f} processes shared {cores} cores" if waiting > cores else busy


def main() -> None:
    """Measure all parts, or the one that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    parser.add_argument("--infer", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--page", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.infer:
        infer(chosen.infer)
    elif chosen.page:
        render_page(chosen.page)
    else:
        lines: list[Line] = []
        rows = []
        for line in measured():
            rows.append(cells(line, lines[-1] if lines else None))
            lines.append(line)
            print(*rows[-1], sep="\t", file=sys.stderr, flush=True)
        text = TEXT.format(table=table(HEADER, rows), load=load())
        print(text)
        if not chosen.show:
            put_section("planning", text)


if __name__ == "__main__":
    main()
