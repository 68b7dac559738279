"""Runs that no config names any more: listed by `stale`, deleted by `prune`, and only those."""

import csv
import fcntl
import json
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from xstilts.study.config import Config
from xstilts.study.errors import StudyError
from xstilts.study.files import write_atomically
from xstilts.study.grid import Study
from xstilts.study.receipts import NAME
from xstilts.study.recipes import RESULTS, STAGES, stage_folder
from xstilts.study.validation import read_yaml

LIST = RESULTS / "stale.tsv"
COLUMNS = ("folder", "stage", "bytes", "age_seconds", "finished")
SCRATCH = "scratch"
START = "started.json"


@dataclass(frozen=True)
class StaleRun:
    """A folder below results/ that no config names.

    Attributes:
        folder: relative to the working directory.
        stage: that of the run, or scratch for what an unfinished run left.
        bytes: of all its files.
        age_seconds: since the last change of a file in it.
        finished: whether it has a receipt.
    """

    folder: Path
    stage: str
    bytes: int
    age_seconds: float
    finished: bool


def named_runs(studies: Iterable[Study]) -> set[str]:
    """Names of all runs of `studies`."""
    return {name for study in studies for runs in study.runs.values() for name in runs}


def studies_of(
    folders: Iterable[Path], root: Path, data_root: str | None
) -> tuple[list[Study], list[str]]:
    """The studies whose configs lie in `folders`, and a sentence on each that cannot be planned.

    A config that says `source: folder` without data_root is given that of its last start here, or
    else `data_root`. One that never started here has no runs to lose, so that it may be faulty.
    """
    studies, problems = [], []
    for file in dict.fromkeys(path.resolve() for path in _configs(folders)):
        try:
            raw = read_yaml(file)
            if not isinstance(raw, dict):
                raise StudyError("this is no config; move it out of the folder of configs.")
            started = start_of(str(raw.get("study")))
            try:
                studies.append(Study(_with_data(raw, started, data_root), root))
            except StudyError:
                if started is not None:
                    raise
        except StudyError as error:
            problems.append(f"{file.name}: {error}")
    return studies, problems


def _configs(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for pattern in ("*.yaml", "*.yml", "*.json"):
            yield from sorted(folder.rglob(pattern))


def _with_data(raw: Config, started: Config | None, data_root: str | None) -> Config:
    places = [raw.get("data_root"), (started or {}).get("data_root"), data_root]
    return {**raw, "data_root": next(filter(None, places), None)}


def start_of(study: str) -> Config | None:
    """The config with which `study` was last started in this folder; None if it never was."""
    folder = RESULTS / "studies" / study
    try:
        started = json.loads((folder / START).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Tables without a start are those of an earlier version.
        return {} if (folder / "index.tsv").is_file() else None
    return started if isinstance(started, dict) else {}


def record_start(study: Study) -> None:
    """Keep the config of a study that starts: from now on its runs may lie here."""
    text = json.dumps(study.config, indent=1, ensure_ascii=False)
    write_atomically(study.tables / START, lambda file: file.write_text(text, encoding="utf-8"))


def stale_runs(named: set[str], now: float | None = None) -> list[StaleRun]:
    """Everything below results/ that belongs to a run not in `named`, the largest first."""
    now = time.time() if now is None else now
    places = [(stage, stage_folder(stage)) for stage in STAGES] + [(SCRATCH, RESULTS / SCRATCH)]
    found = [
        _measured(folder, stage, now)
        for stage, place in places
        for folder in (sorted(place.iterdir()) if place.is_dir() else [])
        if folder.is_dir() and not folder.is_symlink() and folder.name not in named
    ]
    return sorted(found, key=lambda run: (-run.bytes, run.folder))


def _measured(folder: Path, stage: str, now: float) -> StaleRun:
    files = [path.lstat() for path in folder.rglob("*") if not path.is_dir()]
    latest = max((status.st_mtime for status in files), default=folder.lstat().st_mtime)
    total = sum(status.st_size for status in files)
    return StaleRun(folder, stage, total, max(now - latest, 0.0), (folder / NAME).is_file())


def write_list(runs: Iterable[StaleRun], path: Path = LIST) -> None:
    """Keep what was listed, for `prune` to go by."""

    def write(file: Path) -> None:
        with file.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, delimiter="\t", lineterminator="\n")
            table.writerow(COLUMNS)
            for run in runs:
                age = round(run.age_seconds)
                table.writerow([run.folder.as_posix(), run.stage, run.bytes, age, run.finished])

    write_atomically(path, write)


def read_list(path: Path = LIST) -> list[str]:
    """The folders that were listed last.

    Raises:
        StudyError: nothing was listed yet.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return [row["folder"] for row in csv.DictReader(stream, delimiter="\t")]
    except (OSError, KeyError, UnicodeDecodeError):
        raise StudyError(
            f"{path} is missing or damaged: look at what `snakemake stale` lists first; "
            "`snakemake prune` deletes that and nothing else."
        ) from None


def prune(listed: list[str], stale: list[StaleRun]) -> tuple[list[StaleRun], list[str]]:
    """Delete those of `stale` that were `listed`; returns them, and a sentence on each that stays.

    What is stale now but was not listed stays without a word.
    """
    by_folder = {run.folder.as_posix(): run for run in stale}
    deleted, kept = [], []
    for folder in listed:
        run = by_folder.get(folder)
        if run is None:
            if Path(folder).is_dir():
                kept.append(f"{folder} stays: a config names it again.")
        elif busy(run.folder.name):
            kept.append(f"{folder} stays: a process is making it.")
        else:
            _delete(run.folder)
            deleted.append(run)
    return deleted, kept


def _delete(folder: Path) -> None:
    results = RESULTS.resolve()
    if results not in folder.resolve().parents:
        raise StudyError(f"{folder} lies outside {RESULTS}: nothing there is deleted.")
    # Without a receipt a run does not exist, so that what a crash leaves here is no run.
    (folder / NAME).unlink(missing_ok=True)
    shutil.rmtree(folder)


def busy(run: str) -> bool:
    """Whether a process holds the lock in the scratch folder of `run`."""
    try:
        with (RESULTS / SCRATCH / run / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
