"""Runs that no config names any more: listed by `stale`, deleted by `prune`, and only those."""

import csv
import fcntl
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.core.paths import RESULTS, STAGES, stage_folder
from xstilts.core.receipts import NAME
from xstilts.core.tsv import write_tsv

LIST = RESULTS / "stale.tsv"
COLUMNS = ("folder", "stage", "bytes", "age_seconds", "finished")
SCRATCH = "scratch"


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


def stale_runs(named: set[str], now: float | None = None) -> list[StaleRun]:
    """Everything below results/ that belongs to a run not in `named`, the largest first."""
    now = time.time() if now is None else now
    folders = [(stage, stage_folder(stage)) for stage in STAGES] + [(SCRATCH, RESULTS / SCRATCH)]
    stale = [
        _measured(folder, stage, now)
        for stage, parent in folders
        for folder in (sorted(parent.iterdir()) if parent.is_dir() else [])
        if folder.is_dir() and not folder.is_symlink() and folder.name not in named
    ]
    return sorted(stale, key=lambda run: (-run.bytes, run.folder))


def _measured(folder: Path, stage: str, now: float) -> StaleRun:
    files = [path.lstat() for path in folder.rglob("*") if not path.is_dir()]
    latest = max((status.st_mtime for status in files), default=folder.lstat().st_mtime)
    total = sum(status.st_size for status in files)
    return StaleRun(folder, stage, total, max(now - latest, 0.0), (folder / NAME).is_file())


def write_list(runs: Iterable[StaleRun], path: Path = LIST) -> None:
    """Keep what was listed, for `prune` to go by."""
    rows = (
        (run.folder.as_posix(), run.stage, run.bytes, round(run.age_seconds), run.finished)
        for run in runs
    )
    write_tsv(path, COLUMNS, (dict(zip(COLUMNS, row, strict=True)) for row in rows))


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
            f"{path} is missing or damaged: look at what `xstilts stale` lists first; "
            "`xstilts prune` deletes that and nothing else."
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
