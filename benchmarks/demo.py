"""What the demo took and learned, from its receipts, logs and tables, into docs/demo.md.

    python benchmarks/demo.py --folder .

after `make run` in that folder. Nothing is run; every figure is one that a rule left there.
"""

import argparse
import json
import os
from pathlib import Path

import yaml
from finished_study import cost_table, costs, learning, machine, wall_seconds
from readme import put_section

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
    put_section(
        "cost",
        f"It took {duration(wall_seconds())} of wall time on {machine()}.\n\n" + cost_table(study),
        PAGE,
    )
    put_section("learning", learning(study), PAGE)
    print(json.dumps({"wall": wall_seconds(), "cost": costs(study)}))


if __name__ == "__main__":
    main()
