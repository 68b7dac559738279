"""Real gains with intervals: the study of real_gains.yaml, and its table in README.md.

    python benchmarks/real_gains.py DATA_ROOT [--cores 2] [--folder FOLDER] [--only-table]

Writes the text of the row `+mlm` (real_text.py), runs the study up to its tables, and puts gains
over the baseline into benchmarks/README.md: means over languages of XTREME's metrics, with a 95 %
interval by bootstrap over examples (seeds as given) and the range over seeds.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
from readme import README, put_section

ROOT = Path(__file__).resolve().parents[1]
CONFIG = Path(__file__).with_suffix(".yaml")
TABLES = Path("results/studies/real_gains")
# What names a gain's row in tables of both kinds.
KEYS = ["target", "intermediate"]
TITLE = {"xquad": "XQuAD", "mlqa": "MLQA", "tydiqa": "TyDiQA", "pos": "POS", "ner": "NER"}


def run(data_root: Path, folder: Path, cores: int) -> None:
    """Make the text and the study's tables below `folder`."""
    text = folder / "text"
    folder.mkdir(parents=True, exist_ok=True)
    maker = [sys.executable, Path(__file__).with_name("real_text.py"), data_root.resolve(), text]
    subprocess.run([*map(str, maker)], check=True)
    # Plain JSON, as Snakemake reads values of --config as YAML.
    masked = json.dumps({"text_root": str(text.resolve())})
    wanted = [str(TABLES / "tables" / "rivals.tsv"), str(TABLES / "scores.parquet")]
    command = [
        sys.executable, "-m", "snakemake", *wanted, "--cores", str(cores),
        "--snakefile", str(ROOT / "workflow" / "Snakefile"), "--directory", str(folder),
        "--configfile", str(CONFIG),
        "--config", f"data_root={data_root.resolve()}", f"masked_language_model={masked}",
    ]  # fmt: skip
    subprocess.run(command, check=True, cwd=ROOT)


def seed_gains(scores: pd.DataFrame) -> pd.DataFrame:
    """Gain of every target, row and seed: means over languages of XTREME's metrics.

    A question counts by the mean of F1 and exact match, all else by the primary metric.
    """
    answers = scores["metric"].str.contains("_f1|_exact") & scores["target"].isin(
        ["xquad", "mlqa", "tydiqa"]
    )
    kept = scores[answers | scores["primary"]]
    means = kept.groupby([*KEYS, "seed"])["value"].mean().unstack("intermediate")
    gains = means.drop(columns="none").sub(means["none"], axis=0)
    return gains.stack().rename("gain").reset_index()


def table(rivals: pd.DataFrame, scores: pd.DataFrame) -> str:
    """The table in Markdown: targets by rows of the study."""
    by_seed = seed_gains(scores).groupby(KEYS)["gain"].agg(["min", "max"])
    rows = [name for name in dict.fromkeys(scores["intermediate"]) if name != "none"]
    found = rivals.set_index(KEYS)
    lines = [
        f"| target | baseline | {' | '.join(rows)} |",
        f"| --- | --- |{' --- |' * len(rows)}",
    ]
    for target in dict.fromkeys(scores["target"]):
        baseline = found.loc[(target, "none"), "test_score"]
        cells = [cell(found.loc[(target, row)], by_seed.loc[(target, row)]) for row in rows]
        lines.append(f"| {TITLE.get(target, target)} | {baseline:.1f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def cell(gain: pd.Series, seeds: pd.Series) -> str:
    """`+1.2 [0.3, 2.1], seeds 0.5 to 1.9`; bold where interval and seeds are on one side of 0."""
    text = f"{gain['gain']:+.1f}"
    ends = [gain["low"], gain["high"], seeds["min"], seeds["max"]]
    if min(ends) > 0 or max(ends) < 0:
        text = f"**{text}**"
    return (
        f"{text} [{gain['low']:.1f}, {gain['high']:.1f}], "
        f"seeds {seeds['min']:.1f} to {seeds['max']:.1f}"
    )


def section(folder: Path) -> str:
    """The section of README.md."""
    tables = folder / TABLES
    rivals = pd.read_csv(tables / "tables" / "rivals.tsv", sep="\t")
    scores = pd.read_parquet(tables / "scores.parquet")
    sizes = scores.loc[scores["primary"] & (scores["intermediate"] == "none")]
    count = sizes.groupby("target")["language"].nunique()
    items = sizes.groupby("target")["n"].sum() // sizes["seed"].nunique()
    languages = ", ".join(
        f"{TITLE.get(target, target)} {count[target]} languages and {items[target]} items"
        for target in dict.fromkeys(scores["target"])
    )
    return f"""## Gains on real samples

Gain in points over the same target without an intermediate task, the mean over languages (English
among them) and {scores["seed"].nunique()} seeds.
Test sets: {languages}.
A question counts by the mean of F1 and exact match. In brackets the 95 % interval by bootstrap over
examples, which takes the seeds as given; then the range over seeds. **Bold**: both are on one side
of zero. The encoder is the demo's, training sets are capped at a few hundred examples
(`benchmarks/real_gains.yaml`), so that no figure compares with a published one. `squad_v1` is also
what XQuAD and MLQA are fine-tuned on. The text of `squad_v1+mlm` is that of the development sets of
XNLI, PAWS-X, POS, NER and MLQA, without labels; no test text is in it.

{table(rivals, scores)}

Made by `python benchmarks/real_gains.py DATA_ROOT`."""


def main(arguments: list[str] | None = None) -> None:
    """Run what is asked for and write the section."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data_root", type=Path, help="real samples in the Hub's layout")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "results" / "real_gains")
    parser.add_argument("--only-table", action="store_true", help="the study is there already")
    parser.add_argument("--readme", type=Path, default=README)
    given = parser.parse_args(arguments)
    if not given.only_table:
        run(given.data_root, given.folder, given.cores)
    put_section("real gains", section(given.folder), given.readme)


if __name__ == "__main__":
    main()
