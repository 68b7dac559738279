"""What the receipts of all runs say together: cost, versions, faults of the data."""

import json
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import fmean
from typing import Any

import pandas as pd

from xstilts.core.paths import STAGES
from xstilts.evaluation.learning import LEARNED_ABOVE, standard_error

Receipt = dict[str, Any]
FRAMES = ("stages", "run_learning", "curves")


def runs_together(paths: Sequence[str], receipts: Sequence[Receipt]) -> dict[str, Any]:
    """All that tables and page say of runs as a whole, as plain JSON (`read_runs`)."""
    frames = {
        "stages": stages(receipts),
        "run_learning": run_learning(paths, receipts),
        "curves": curves(paths, receipts),
    }
    columns = {
        name: {column: _plain(values) for column, values in frame.items()}
        for name, frame in frames.items()
    }
    return columns | {"versions": versions(receipts), "problems": data_problems(receipts)}


def _plain(values: pd.Series) -> list[Any]:
    """With None for what is missing, as JSON has it."""
    return [None if pd.isna(value) else value for value in values.tolist()]


def read_runs(path: Path) -> dict[str, Any]:
    """What `runs_together` said: tables stages, run_learning and curves; versions, problems."""
    inputs: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    frames = {name: pd.DataFrame(inputs[name]) for name in FRAMES}
    # Where nothing was trained, all of them are missing.
    frames["stages"] = frames["stages"].astype({"tokens_per_second": float})
    return inputs | frames


def stages(receipts: Iterable[Receipt]) -> pd.DataFrame:
    """Runs, CPU seconds, hours of wall time and training speed by stage, in the workflow's order.

    Tokens per second are those of the runs that trained, padding left out, over their whole wall
    time (loading and predicting included); empty where nothing was trained.
    """
    rows = [
        {
            "stage": receipt["recipe"]["stage"],
            "runs": 1,
            "cpu_seconds": receipt.get("cpu_seconds", 0.0),
            "hours": receipt.get("wall_seconds", 0.0) / 3600,
            "tokens": tokens,
            "training_seconds": receipt.get("wall_seconds", 0.0) if tokens else 0.0,
        }
        for receipt in receipts
        for tokens in [(receipt.get("training") or {}).get("tokens", 0)]
    ]
    table = pd.DataFrame(rows).groupby("stage").sum()
    table["tokens_per_second"] = table["tokens"] / table["training_seconds"].where(
        table["training_seconds"] > 0
    )
    return table.reindex([stage for stage in STAGES if stage in table.index]).reset_index()


def run_learning(paths: Iterable[str], receipts: Iterable[Receipt]) -> pd.DataFrame:
    """Run (the name of its folder) and whether it learned; only runs of which that can be said.

    A run of several tasks has learned where it learned one of them, by the rule of the table of
    what the models learned. A run that does not know what chance is on its dev set (an untrained
    head is tried where the encoder is untuned alone) takes it from those that do.
    """
    own = [(Path(path).parent.name, receipt.get("dev") or {}) for path, receipt in
           zip(paths, receipts, strict=True)]  # fmt: skip
    chance = _known_chance(dev for _, dev in own)
    rows = []
    for name, dev in own:
        judged = [(task, facts) for task, facts in dev.items() if task in chance]
        if judged:
            rows.append((name, any(_learned(facts, chance[task]) for task, facts in judged)))
    return pd.DataFrame(rows, columns=["run", "learned"])


def _known_chance(devs: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Dev set -> the score of chance on it, the mean of those that say so."""
    scores: dict[str, list[float]] = {}
    for dev in devs:
        for task, facts in dev.items():
            if facts.get("chance") is not None:
                scores.setdefault(task, []).append(facts["chance"])
    return {task: fmean(values) for task, values in scores.items()}


def _learned(facts: Mapping[str, Any], chance: float) -> bool:
    score = facts["score"]
    error = facts.get("standard_error") or standard_error(score, facts["n"])
    return score - chance > LEARNED_ABOVE * error


def curves(paths: Iterable[str], receipts: Iterable[Receipt]) -> pd.DataFrame:
    """Run (the name of its folder), stage, step and dev score: the learning curve of each run."""
    rows = [
        (Path(path).parent.name, receipt["recipe"]["stage"], point["step"], point["mean"])
        for path, receipt in zip(paths, receipts, strict=True)
        for point in (receipt.get("training") or {}).get("dev_scores") or ()
    ]
    return pd.DataFrame(rows, columns=["run", "stage", "step", "score"])


def versions(receipts: Iterable[Receipt]) -> dict[str, str]:
    """Versions of the libraries that made the runs; several where they differ."""
    versions: dict[str, set[str]] = {}
    for receipt in receipts:
        for name, own in receipt.get("versions", {}).items():
            versions.setdefault(name, set()).add(own)
    return {name: ", ".join(sorted(versions[name])) for name in sorted(versions)}


# Of what makes the page and asks for the runs, which no receipt of theirs names.
AROUND = {"Snakemake": "snakemake", "transformers": "transformers", "xstilts": "xstilts"}


def surroundings() -> dict[str, str]:
    """Versions of Python, Snakemake, transformers and xstilts here, and the checkout's commit."""
    versions = {"Python": platform.python_version()}
    for name, package in AROUND.items():
        with suppress(PackageNotFoundError):
            versions[name] = version(package)
    return versions | {"commit": _commit()}


def _commit() -> str:
    """As `git describe --always --dirty` says it; without git or a checkout, that it is unknown."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        said = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return said.stdout.strip() or "unknown"


def data_problems(receipts: Iterable[Receipt]) -> list[str]:
    """What preparation found wrong with the data, once per sentence."""
    return list(
        dict.fromkeys(problem for receipt in receipts for problem in receipt.get("problems", []))
    )
