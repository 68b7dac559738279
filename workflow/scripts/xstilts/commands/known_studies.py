"""Whose runs may lie below results/: the studies of all configs, and which of them started here."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from xstilts.config.model import Config
from xstilts.config.validation import read_yaml
from xstilts.core.errors import StudyError
from xstilts.core.files import write_atomically
from xstilts.core.paths import RESULTS
from xstilts.plan.grid import Study
from xstilts.plan.revisions import LOCK

START = "started.json"


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
            files = sorted(folder.rglob(pattern))
            yield from (file for file in files if file.name != LOCK.name)


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
