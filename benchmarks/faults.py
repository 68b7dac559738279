"""How many faults and odd inputs the tests try, and how many of them the workflow survives.

    python benchmarks/faults.py [REPORT]

runs all tests of files that are marked `fault` or `odd_input` (or takes the JUnit report of a run
of the whole suite, which `make test PYTEST_ADDOPTS=--junit-xml=REPORT` writes) and writes faults.md
beside this file: by test file, how many were tried, and how many ended as they should (numbers
equal to those of an undisturbed run, or one sentence that names the mistake). Those of a cluster
need SLURM on the machine, and are not counted without.
"""

import argparse
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
            file = case.attrib["classname"].replace(".", "/") + ".py"
            tried[file] += 1
            passed[file] += case.find("failure") is None and case.find("error") is None
    return tried, passed


def marked(mark: str) -> list[str]:
    """The test files that bear a mark."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    line = f"pytestmark = pytest.mark.{mark}\n"
    return [path.relative_to(ROOT).as_posix() for path in files if line in path.read_text()]


def run_marked(report: Path) -> None:
    """Run the tests with either mark."""
    marks = " or ".join(TITLES)
    command = [sys.executable, "-m", "pytest", "-m", marks, f"--junit-xml={report}", "tests"]
    subprocess.run(command, cwd=ROOT, check=False)


def table(title: str, files: list[str], tried: Counter[str], passed: Counter[str]) -> list[str]:
    """A Markdown table of one mark."""
    rows = [f"| `{file}` | {tried[file]} | {passed[file]} |" for file in files if tried[file]]
    totals = [sum(counts[file] for file in files) for counts in (tried, passed)]
    head = ["| tests | tried | survived |", "| --- | ---: | ---: |"]
    return [f"## {title}", "", *head, *rows, f"| all | {totals[0]} | {totals[1]} |", ""]


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("report", type=Path, nargs="?", help="JUnit's, of a run of the whole suite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = given.report or Path(folder) / "report.xml"
        if not given.report:
            run_marked(report)
        counts = outcomes(report)
    lines = ["# What was tried, and what survived", ""]
    lines += ["Made by `python benchmarks/faults.py`, which says what counts.", ""]
    for mark, title in TITLES.items():
        lines += table(title, marked(mark), *counts)
    Path(__file__).with_suffix(".md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
