"""Forecast edits of a study, run them, and compare: the jobs, their cost, the wall time.

    python benchmarks/forecast_truth.py --config config/config.yaml --folder /tmp/truth --cores 2

Runs the study itself first, if the folder does not hold it yet. Each edit is made alone, on the
unchanged config; `--edits` names a YAML file {title: {key: value}} in place of those below.
Writes a table to `<folder>/forecast_truth.tsv` and the section "forecast" of
benchmarks/README.md; `--show` prints that instead.
"""

import argparse
import csv
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import yaml
from readme import put_section, table

ROOT = Path(__file__).resolve().parent.parent
EDITS = {
    "learning rate of one row": {"tasks": {"qqp": {"training": {"learning_rate": 4.0e-4}}}},
    "epochs of one column": {"tasks": {"ner": {"training": {"epochs": 1}}}},
    "fewer training examples of a task": {"tasks": {"ccg": {"limits": {"train": 200}}}},
    "another search": {"retrieval": {"margin": "cosine"}},
    "sampling of the multi-task row": {"multitask": {"sampling": "uniform"}},
    "cheap rows, five layers of six frozen": {"fidelity": {"frozen_layers": 5}},
}
COLUMNS = (
    "edit", "jobs", "same_jobs", "seconds", "low", "high", "took", "within",
    "wall", "wall_low", "wall_high", "wall_took", "wall_within", "made",
)  # fmt: skip


def merged(config: dict, edit: dict) -> dict:
    """`config` with `edit` put into it, key by key at every depth."""
    both = {key: merged(config[key], value) for key, value in edit.items()
            if isinstance(value, dict) and isinstance(config.get(key), dict)}  # fmt: skip
    return {**config, **edit, **both}


class Place:
    """A folder in which studies run."""

    def __init__(self, folder: Path, cores: int) -> None:
        self.folder, self.cores = folder, cores
        folder.mkdir(parents=True, exist_ok=True)

    def snakemake(self, config: dict, *arguments: str) -> str:
        """Run Snakemake on `config`; its whole output."""
        snakefile = ["--snakefile", str(ROOT / "workflow" / "Snakefile")]
        return self._run(config, "snakemake", *snakefile, *arguments)

    def _run(self, config: dict, module: str, *arguments: str) -> str:
        file = self.folder / "config.json"
        file.write_text(json.dumps(config))
        command = [sys.executable, "-m", module, *arguments, "--cores", str(self.cores)]
        command += ["--configfile", str(file), "--directory", str(self.folder)]
        ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
        if ended.returncode:
            sys.exit(ended.stdout + ended.stderr)
        return ended.stdout + ended.stderr

    def forecast(self, config: dict) -> list[dict[str, str]]:
        """The lines of the forecast for `config` that say: to run."""
        self.told = self._run(config, "xstilts", "forecast")
        with (self.folder / f"results/studies/{config['study']}/forecast.tsv").open() as stream:
            return [row for row in csv.DictReader(stream, delimiter="\t")
                    if row["status"] == "to run"]  # fmt: skip

    def wall(self) -> list[float]:
        """Seconds of wall time in what the last forecast printed: middle, low, high."""
        units = {"s": 1, "min": 60, "h": 3600}
        line = next(line for line in self.told.splitlines() if line.startswith("Wall time"))
        found = re.search(r"about (\S+) (\w+) \((\S+) (\w+) to (\S+) (\w+)\)", line)
        numbers = found.groups() if found else ()
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return [float(number) * units[unit] for number, unit in pairs]

    def made_since(self, begun: float) -> dict[str, float]:
        """Core-seconds of everything that was made since `begun`: runs, and tables by rule."""
        made = {}
        for path in (self.folder / "results").rglob("receipt.json"):
            if path.stat().st_mtime >= begun:
                made[path.parent.name] = float(json.loads(path.read_text())["cpu_seconds"])
        for log in (self.folder / "logs" / "studies").rglob("*.log"):
            if log.stat().st_mtime >= begun:
                made[log.stem] = float(log.read_text().strip().rpartition("took ")[2].split()[2])
        return made


def compare(place: Place, title: str, config: dict) -> dict[str, object]:
    """Forecast `config`, run it, and say how well the two agree."""
    rows = place.forecast(config)
    wall, wall_low, wall_high = place.wall() if rows else (0.0, 0.0, 0.0)
    seconds, low, high = (
        sum(float(row[key]) for row in rows) for key in ("seconds", "low", "high")
    )
    begun = time.time()
    place.snakemake(config)
    wall_took = time.time() - begun
    made = place.made_since(begun)
    took = sum(made.values())
    found = (title, len(made), made.keys() == {row["job"] for row in rows}, seconds, low, high)
    found += (took, low <= took <= high, wall, wall_low, wall_high, wall_took)
    found += (wall_low <= wall_took <= wall_high, " ".join(sorted(made)))
    return dict(zip(COLUMNS, found, strict=True))


def section(rows: list[dict[str, object]], study: str, cores: int) -> str:
    """Forecasts beside what then ran."""
    lines = [
        [
            row["edit"],
            row["jobs"],
            "yes" if row["same_jobs"] else "**no**",
            _spread(row["seconds"], row["low"], row["high"]),
            _told(row["took"], row["within"]),
            _spread(row["wall"], row["wall_low"], row["wall_high"]),
            _told(row["wall_took"], row["wall_within"]),
        ]
        for row in rows
    ]
    header = ["edit", "jobs", "those forecast", "core-seconds forecast", "taken"]
    return f"""## Forecast against truth

{len(rows)} edits of the study `{study}`, each forecast by `xstilts forecast` and then run on
{cores} cores. Forecasts with their 95 % interval; bold: outside of it.

{table([*header, "wall seconds forecast", "taken"], lines)}

Made by `python benchmarks/forecast_truth.py`.
"""


def _spread(value: float, low: float, high: float) -> str:
    return f"{value:.0f} [{low:.0f}, {high:.0f}]"


def _told(value: float, within: bool) -> str:
    return f"{value:.0f}" if within else f"**{value:.0f}**"


def main() -> None:
    """Forecast, run, compare."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--edits", type=Path)
    parser.add_argument("--show", action="store_true", help="print instead of writing README.md")
    given = parser.parse_args()
    config = yaml.safe_load(given.config.read_text())
    edits = yaml.safe_load(given.edits.read_text()) if given.edits else EDITS
    place = Place(given.folder.resolve(), given.cores)
    place.snakemake(config)
    rows = []
    with (place.folder / "forecast_truth.tsv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        for title, edit in edits.items():
            row = compare(place, title, merged(config, edit))
            rounded = {key: round(value, 1) if isinstance(value, float) else value
                       for key, value in row.items()}  # fmt: skip
            writer.writerow(rounded)
            stream.flush()
            rows.append(row)
    text = section(rows, config["study"], given.cores)
    print(text)
    if not given.show:
        put_section("forecast", text)


if __name__ == "__main__":
    main()
