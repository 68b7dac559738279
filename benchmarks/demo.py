"""What the demo took and learned, from its receipts, logs and tables, into docs/demo.md.

    python benchmarks/demo.py --folder .

after `make run` in that folder. Nothing is run; every figure is one that a rule left there.
"""

import argparse
import json
import os
from pathlib import Path

import yaml
from finished_study import (
    CHANCE,
    COST_COLUMNS,
    LEARNING_COLUMNS,
    costs,
    learning,
    machine,
    wall_seconds,
)
from readme import put_section, table

from xstilts.core.layout import duration
from xstilts.plan.grid import Study

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "demo.md"


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
        + table(COST_COLUMNS, cost),
        PAGE,
    )
    put_section("learning", f"{who} {CHANCE}\n\n" + table(LEARNING_COLUMNS, rows), PAGE)
    print(json.dumps({"wall": wall_seconds(), "cost": cost}))


if __name__ == "__main__":
    main()
