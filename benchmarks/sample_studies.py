"""The studies of small real samples, run whole: what they took and learned, their gains.

    python benchmarks/sample_studies.py low_resource|samples DATA_ROOT [--folder FOLDER] [--cores 2]
                                        [--only-table] [--note TEXT]

Runs `config/<study>.yaml` below FOLDER and writes the study's section of benchmarks/README.md.
Every figure is one that a rule of the study left there.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml
from finished_study import cost_table, learning, machine, wall_seconds
from readme import put_section, table

from xstilts.core.layout import duration
from xstilts.plan.grid import Study

ROOT = Path(__file__).resolve().parents[1]
TITLES = {
    "samples": "The paper's grid on small real samples",
    "low_resource": "Low-resource targets on small real samples",
}


def run(name: str, data_root: Path, folder: Path, cores: int) -> None:
    """Make the study's tables and page below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable, "-m", "snakemake", "--cores", str(cores),
        "--snakefile", str(ROOT / "workflow" / "Snakefile"), "--directory", str(folder),
        "--configfile", str(ROOT / "config" / f"{name}.yaml"),
        "--config", f"data_root={data_root.resolve()}",
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT)


def planned(name: str, data_root: Path) -> Study:
    """The study as its runs are named."""
    settings = yaml.safe_load((ROOT / "config" / f"{name}.yaml").read_text(encoding="utf-8"))
    return Study(settings | {"data_root": str(data_root.resolve())}, ROOT)


def gains(rivals: pd.DataFrame, planned_rows: list[str]) -> str:
    """Intermediate tasks by targets: gain in points and interval, bold where it excludes zero."""
    by_dyad = rivals.set_index(["intermediate", "target"])
    targets = list(dict.fromkeys(rivals["target"]))
    rows = [name for name in planned_rows if name in set(rivals["intermediate"]) - {"none"}]
    baseline = [f"{by_dyad.loc[('none', target), 'test_score']:.1f}" for target in targets]
    lines = [["none (score)", *baseline]]
    for row in rows:
        dyads = ((row, target) for target in targets)
        lines.append(
            [
                row,
                *(
                    cell(by_dyad.loc[dyad]) if dyad in by_dyad.index else "diverged"
                    for dyad in dyads
                ),
            ]
        )
    return table(["intermediate task", *targets], lines)


def cell(dyad: pd.Series) -> str:
    """`+1.2 [0.3, 2.1]`; bold where the interval is on one side of zero."""
    text = f"{dyad['gain']:+.1f} [{dyad['low']:.1f}, {dyad['high']:.1f}]"
    return f"**{text}**" if dyad["low"] > 0 or dyad["high"] < 0 else text


def section(name: str, study: Study, note: str) -> str:
    """The section of README.md; in the folder where the study ran."""
    rivals = pd.read_csv(study.tables / "tables" / "rivals.tsv", sep="\t")
    scores = pd.read_parquet(study.tables / "scores.parquet")
    inference = json.loads((study.tables / "inference.json").read_text(encoding="utf-8"))
    baseline = scores[scores["primary"] & (scores["intermediate"] == "none")]
    items = baseline.groupby("target").agg(languages=("language", "nunique"), items=("n", "sum"))
    sizes = "; ".join(
        f"{target} {row['languages']} languages and {row['items']:,} items"
        for target, row in items.iterrows()
    )
    return f"""## {TITLES[name]}

`config/{name}.yaml`, the demo's encoder, one seed: {duration(wall_seconds())} of wall time on
{machine()}{note}. Test items: {sizes}.

{cost_table(study)}

{learning(study)}

Gain in points over the same target without an intermediate task, the mean over its languages, with
the 95 % interval by bootstrap over examples. **Bold**: the interval is on one side of zero. One
seed: what another seed would change is in no interval.

{gains(rivals, list(dict.fromkeys(cell.intermediate for cell in study.cells)))}

What the study's page says: {inference["answer"]}

Made by `python benchmarks/sample_studies.py {name} DATA_ROOT`."""


def main() -> None:
    """Run what is asked for and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("study", choices=sorted(TITLES))
    parser.add_argument("data_root", type=Path, help="real samples in the Hub's layout")
    parser.add_argument("--folder", type=Path, help="where it runs; results/<study> unless given")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--only-table", action="store_true", help="the study is there already")
    parser.add_argument("--note", default="", help="what else ran on the machine")
    given = parser.parse_args()
    folder = given.folder or ROOT / "results" / given.study
    if not given.only_table:
        run(given.study, given.data_root, folder, given.cores)
    data_root = given.data_root.resolve()
    os.chdir(folder)
    put_section(
        given.study,
        section(given.study, planned(given.study, data_root), given.note and f", {given.note}"),
    )


if __name__ == "__main__":
    main()
