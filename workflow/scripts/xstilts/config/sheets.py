"""Task sheets: one YAML file per task says where its data lie and how it is trained."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from xstilts.config.validation import read_yaml, validate, with_defaults
from xstilts.core.errors import StudyError, nearest

Sheet = dict[str, Any]


@lru_cache(maxsize=8)
def read_sheets(folder: Path, schema: Path) -> dict[str, Sheet]:
    """All task sheets in `folder` by task name, with defaults filled in.

    Raises:
        StudyError: a sheet breaks the schema, is misnamed, or names a task that is not there.
    """
    rules = read_yaml(schema)
    sheets = {
        path.stem: validate(read_yaml(path), rules, str(path))
        for path in sorted(folder.glob("*.yaml"))
    }
    for name, sheet in sheets.items():
        where = f"{folder / name}.yaml"
        if sheet["name"] != name:
            raise StudyError(f"{where}: the name is '{sheet['name']}'; call the file or it alike.")
        named = {"training_set": [sheet["training_set"] or name], "overlaps": sheet["overlaps"]}
        for key, tasks in named.items():
            for task in tasks:
                if task not in sheets:
                    raise StudyError(
                        f"{where}, key '{key}': no task '{task}'; {nearest(task, sheets)}"
                    )
    return sheets


def task_of(name: str, role: str, sheets: dict[str, Sheet], where: str) -> Sheet:
    """The sheet of task `name`, which must have `role` (intermediate or target).

    Raises:
        StudyError: there is no such task in that role; the nearest name is given.
    """
    valid = [task for task, sheet in sheets.items() if role in sheet["roles"]]
    if name not in valid:
        raise StudyError(f"{where}: '{name}' is no {role} task; {nearest(name, valid)}")
    return sheets[name]


def data_sets(task: str, sheets: dict[str, Sheet]) -> set[str]:
    """Names of the tasks whose training data `task` contains, itself included."""
    found = {task}
    for other in sheets[task]["overlaps"]:
        found |= data_sets(other, sheets)
    return found


def default_training(schema: Path) -> dict[str, Any]:
    """Training settings of a task whose sheet sets none."""
    return with_defaults({}, read_yaml(schema)["properties"]["training"])
