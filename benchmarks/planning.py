"""What planning, forecasting, inferring and reporting cost as a study grows.

    python benchmarks/planning.py

Each measurement is a process of its own, counted whole: imports, and all processes that it starts.
Plans are of the real sheets with everything still to do, in an empty folder; the tables of the
inference and of the page are simulated (`wide_study`). Writes the section "planning" of
benchmarks/README.md; `--show` prints it instead, `--only` measures one part.
"""

import argparse
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
SCRIPTS = Path(__file__).resolve().parents[1] / "workflow" / "scripts"
sys.path.insert(0, str(SCRIPTS))

import yaml
from readme import put_section, table
from wide_study import ROOT, Shape, page_inputs, rows_of, sheets, write_study

# Not on the Hub, so that a plan would leave them out.
BY_HAND = ("ccg", "semtags")
PLANS = [Shape(10, 14, 0, 1), Shape(20, 14, 0, 1), Shape(40, 14, 0, 1), Shape(40, 14, 0, 5),
         Shape(40, 14, 0, 10)]  # fmt: skip
STUDIES = [Shape(10, 14, 30, 1), Shape(20, 14, 30, 1), Shape(20, 14, 120, 1), Shape(20, 14, 120, 3),
           Shape(40, 14, 120, 5)]  # fmt: skip


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
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read()
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command, text)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def write_config(shape: Shape, folder: Path) -> Path:
    """config/wide.yaml with as many rows and seeds; rows beyond the sheets are variants."""
    config = yaml.safe_load((ROOT / "config" / "wide.yaml").read_text(encoding="utf-8"))
    every = [row for row in rows_of(2 * len(sheets())) if row.partition("+")[0] not in BY_HAND]
    config |= {
        "intermediate_tasks": every[: shape.intermediates],
        "seeds": list(range(1, shape.seeds + 1)),
        "masked_language_model": {"dataset": "wikimedia/wikipedia", "config": "{language}"},
    }
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path


def dry_run(shape: Shape, folder: Path) -> tuple[Cost, int, str]:
    """`snakemake -n` as a user types it; its number of jobs is the size."""
    command = [
        *(sys.executable, "-m", "snakemake", "-n", "--snakefile", str(ROOT / "Snakefile")),
        *("--workflow-profile", str(ROOT / "profiles" / "default")),
        *("--configfile", str(write_config(shape, folder))),
    ]
    found = cost(command, folder)
    jobs = re.search(r"^total +(\d+)$", found.said, re.MULTILINE)
    assert jobs, found.said
    return found, int(jobs[1]), ""


def forecast(shape: Shape, folder: Path) -> tuple[Cost, int, str]:
    """`xstilts forecast`, which asks Snakemake, which plans."""
    config = str(write_config(shape, folder))
    found = cost([sys.executable, "-m", "xstilts", "forecast", "--configfile", config], folder)
    lines = next(folder.glob("results/studies/*/forecast.tsv")).read_text(encoding="utf-8")
    return found, len(lines.splitlines()) - 1, ""


def inference(shape: Shape, folder: Path) -> tuple[Cost, int, str]:
    """The work of rule `infer_effects`, from files to files; rows of gains are the size."""
    files = write_study(shape, folder)
    command = [sys.executable, __file__, "--infer", str(folder)]
    rows = shape.intermediates * shape.targets * shape.languages * shape.seeds
    assert files["gains"]
    return cost(command, folder), rows, ""


def page(shape: Shape, folder: Path) -> tuple[Cost, int, str]:
    """The work of rule `render_report`, from files to the page, with a real inference on it."""
    files = write_study(shape, folder)
    infer(folder)
    made = {"inference": sorted(map(str, (folder / "inference").glob("*.tsv"))),
            "answer": str(folder / "inference.json")}  # fmt: skip
    listed = {"shape": shape, "files": files | made}
    (folder / "files.json").write_text(json.dumps(listed, default=str), encoding="utf-8")
    found = cost([sys.executable, __file__, "--page", str(folder)], folder)
    size = (folder / "report.html").stat().st_size / 1e6
    rows = shape.intermediates * shape.targets * shape.languages * shape.seeds
    return found, rows, f"{size:.2f}"


def infer(folder: Path) -> None:
    """What `infer_effects.py` does, on the tables of `write_study`."""
    from xstilts.config.model import read_config
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


Measure = Callable[[Shape, Path], tuple[Cost, int, str]]
# What is measured, of which shapes, what its size counts, and what a last column holds.
PARTS: dict[str, tuple[Measure, list[Shape], str]] = {
    "snakemake -n": (dry_run, PLANS, "jobs"),
    "xstilts forecast": (forecast, PLANS, "jobs"),
    "inference": (inference, STUDIES, "rows of gains"),
    "page": (page, STUDIES, "rows of gains"),
}


def measured(name: str) -> list[list[object]]:
    """The lines of a part, each with what it costs more for twice the size than the line before."""
    measure, shapes, _ = PARTS[name]
    lines, before = [], None
    for shape in shapes:
        with tempfile.TemporaryDirectory() as folder:
            found, size, megabytes = measure(shape, Path(folder))
        per_doubling = ""
        if before:
            doublings = math.log2(size / before[1])
            per_doubling = f"{(found.seconds / before[0].seconds) ** (1 / doublings):.2f}"
        sizes = " x ".join(str(number) for number in shape if number)
        lines.append([name, sizes, f"{size:,}", f"{found.seconds:.1f}", f"{found.megabytes:.0f}",
                      per_doubling, megabytes])  # fmt: skip
        print(*lines[-1], sep="\t", flush=True)
        before = found, size
    return lines


HEADER = ("what", "study", "jobs, or rows of gains", "CPU, s", "memory, MB", "for twice the size",
          "page, MB")  # fmt: skip
TEXT = """## How planning, inference and page grow

Whole processes and all that they start, CPU seconds; everything still to be done. A study is
intermediate x target tasks (x languages of every target) x seeds: plans of the real sheets (beyond
34 rows their variants `+mlm`) in all of their languages, 475 or more files to fetch among the jobs;
inference and page of simulated tables. "For twice the size": by what factor the CPU seconds grow
from the line before for each doubling of jobs or rows; 2 is in proportion. Ten seeds stand for five
with two encoders each.

{table}

Made by `python benchmarks/planning.py`.
"""


def main() -> None:
    """Measure all parts, or the one that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    parser.add_argument("--only", choices=PARTS, help="measure this alone, and print")
    parser.add_argument("--infer", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--page", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.infer:
        infer(chosen.infer)
    elif chosen.page:
        render_page(chosen.page)
    else:
        lines = [line for name in PARTS if chosen.only in (None, name) for line in measured(name)]
        text = TEXT.format(table=table(HEADER, lines))
        print(text)
        if not (chosen.show or chosen.only):
            put_section("planning", text)


if __name__ == "__main__":
    main()
