"""Whose runs may lie below results/: studies of all configs, and all that ever started here."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from xstilts.config.study_config import Config
from xstilts.config.validation import read_yaml
from xstilts.core.canonical import digest
from xstilts.core.errors import StudyError
from xstilts.core.files import write_atomically
from xstilts.core.paths import RESULTS
from xstilts.plan.encoders import AnyStudy, read_study
from xstilts.plan.revisions import LOCK

START = "started.json"
# One file for each checkout that started the study here, as each may have code of its own.
RECORDS = "runs_of"


def named_runs(studies: Iterable[AnyStudy]) -> set[str]:
    """Names of all runs of `studies`."""
    return {name for study in studies for runs in study.runs.values() for name in runs}


def studies_of(
    folders: Iterable[Path], root: Path, data_root: str | None
) -> tuple[list[AnyStudy], list[str]]:
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
                studies.append(read_study(_with_data(raw, started, data_root), root))
            except StudyError:
                if started is not None:
                    raise
        except StudyError as error:
            problems.append(f"{file.name}: {error}")
    return studies, problems


def _configs(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        for pattern in ("*.yaml", "*.yml", "*.json"):
            files = sorted(folder.rglob(pattern))
            yield from (file for file in files if file.name != LOCK.name)


def _with_data(raw: Config, started: Config | None, data_root: str | None) -> Config:
    roots = [raw.get("data_root"), (started or {}).get("data_root"), data_root]
    return {**raw, "data_root": next(filter(None, roots), None)}


def start_of(study: str) -> Config | None:
    """The config with which `study` was last started in this folder; None if it never was."""
    folder = RESULTS / "studies" / study
    try:
        started = json.loads((folder / START).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Tables without a start are those of an earlier version.
        return {} if (folder / "index.tsv").is_file() else None
    return started if isinstance(started, dict) else {}


def record_start(study: AnyStudy) -> None:
    """Keep config and run names of a study that starts: from now on its runs may lie here."""
    text = json.dumps(study.config, indent=1, ensure_ascii=False)
    write_atomically(study.tables / START, lambda file: file.write_text(text, encoding="utf-8"))
    root = _checkout(study.root)
    record = {"study": study.config["study"], "checkout": root, "runs": sorted(named_runs([study]))}
    names = json.dumps(record, indent=0, ensure_ascii=False)
    path = study.tables / RECORDS / f"{digest(root)}.json"
    write_atomically(path, lambda file: file.write_text(names, encoding="utf-8"))


def recorded_runs(planned: Iterable[AnyStudy]) -> tuple[set[str], list[str]]:
    """Runs of all studies that ever started here, and a sentence on each whose record is no good.

    By their own records, since a study's config may lie anywhere, and another checkout's code gives
    other names. A study in `planned` goes by its config instead of this checkout's record of it.
    """
    studies = list(planned)
    replaced = {(study.config["study"], digest(_checkout(study.root))) for study in studies}
    known = {study for study, _ in replaced}
    names: set[str] = set()
    problems = []
    for folder in sorted(path for path in (RESULTS / "studies").glob("*") if path.is_dir()):
        files = sorted((folder / RECORDS).glob("*.json"))
        if not files and folder.name not in known and start_of(folder.name) is not None:
            problems.append(_unrecorded(folder))
        for file in files:
            if (folder.name, file.stem) in replaced:
                continue
            try:
                names |= set(_read_record(file))
            except (OSError, ValueError, KeyError, TypeError):
                problems.append(f"{file} is damaged; start the study again where it last ran.")
    return names, problems


def _checkout(root: Path) -> str:
    return Path(root).resolve().as_posix()


def _read_record(file: Path) -> list[str]:
    runs = json.loads(file.read_text(encoding="utf-8"))["runs"]
    if not isinstance(runs, list) or not all(isinstance(name, str) for name in runs):
        raise ValueError
    return runs


def _unrecorded(folder: Path) -> str:
    return (
        f"{folder}: the study ran here before its runs were recorded, and its config is not in "
        "config/; start it once more, or delete that folder if its runs are of no use."
    )
