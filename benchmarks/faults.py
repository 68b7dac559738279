"""How many faults and odd inputs the tests try, and how many of them the workflow survives.

    python benchmarks/faults.py

runs all tests that are marked `fault` or `odd_input` and writes faults.md beside this file: by test
file, how many were tried, and how many ended as they should (numbers equal to those of an
undisturbed run, or one sentence that names the mistake). Those of a cluster need SLURM on the
machine, and are not counted without.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
TITLES = {"fault": "Faults of machines and people", "odd_input": "Odd and hostile inputs"}


def outcomes(report: Path) -> tuple[Counter[str], Counter[str]]:
    """Tests tried, and those that passed, by file, from what pytest wrote as JUnit's XML."""
    tried: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("skipped") is None:
            file = case.attrib["classname"].replace(".", "/")
            tried[file] += 1
            passed[file] += case.find("failure") is None and case.find("error") is None
    return tried, passed


def run(mark: str) -> tuple[Counter[str], Counter[str]]:
    """Run the tests with `mark`; counts by file."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-m", mark, f"--junit-xml={report}", "tests"]
        subprocess.run(command, cwd=ROOT, check=False)
        return outcomes(report)


def table(title: str, tried: Counter[str], passed: Counter[str]) -> list[str]:
    """A Markdown table of one mark."""
    rows = [f"| `{file}.py` | {tried[file]} | {passed[file]} |" for file in sorted(tried)]
    total = f"| all | {tried.total()} | {passed.total()} |"
    return [
        f"## {title}",
        "",
        "| tests | tried | survived |",
        "| --- | ---: | ---: |",
        *rows,
        total,
    ]


def main() -> None:
    """Run all and write the tables."""
    lines = [
        "# What was tried, and what survived",
        "",
        "Made by `python benchmarks/faults.py`.",
        "",
    ]
    for mark, title in TITLES.items():
        lines += [*table(title, *run(mark)), ""]
    (Path(__file__).with_suffix(".md")).write_text("\n".join(lines))


if __name__ == "__main__":
    main()
