"""Task sheets: one YAML file per task says where its data lie and how it is trained."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from xstilts.config.schema.sheet import SheetTraining, TaskSheet
from xstilts.config.validation import read_yaml, validate
from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import check_name, check_task_name, check_template

Sheet = dict[str, Any]


@lru_cache(maxsize=8)
def read_sheets(folder: Path) -> dict[str, Sheet]:
    """All task sheets in `folder` by task name, with defaults filled in.

    Raises:
        StudyError: a sheet is not as `TaskSheet` says, is misnamed, or names no task of them.
    """
    sheets = {path.stem: _sheet(path) for path in sorted(folder.glob("*.yaml"))}
    for name, sheet in sheets.items():
        where = f"{folder / name}.yaml"
        if sheet["name"] != name:
            raise StudyError(f"{where}: the name is '{sheet['name']}'; call the file or it alike.")
        _check_respellings(sheet, where)
        named = {
            "training_set": [sheet["training_set"] or name],
            "overlaps": sheet["overlaps"],
            "apart_from": list(sheet["apart_from"]),
        }
        for key, tasks in named.items():
            for task in tasks:
                if task not in sheets:
                    raise StudyError(
                        f"{where}, key '{key}': no task '{task}'; {nearest(task, sheets)}"
                    )
    return sheets


def _sheet(path: Path) -> Sheet:
    sheet = validate(read_yaml(path), TaskSheet, str(path))
    check_task_name(path.stem, str(path))
    check_name(sheet["name"], f"{path}, key 'name'")
    for split, parts in sheet["splits"].items():
        for part in parts:
            for key, text in part.items():
                check_template(text, ["language", "code"], f"{path}, key 'splits.{split}.{key}'")
    return sheet


def _check_respellings(sheet: Sheet, where: str) -> None:
    labels = sheet["labels"] if isinstance(sheet["labels"], list) else []
    for key in ("label_respellings", "merged_labels"):
        for name, label in sheet[key].items():
            if label not in labels:
                remedy = nearest(label, labels) if labels else "the sheet lists no labels."
                raise StudyError(f"{where}, key '{key}.{name}': no label '{label}'; {remedy}")


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
    names = {task}
    for other in sheets[task]["overlaps"]:
        names |= data_sets(other, sheets)
    return names


def respellings(sheet: Sheet) -> dict[str, Any]:
    """What a recipe says of other names than the labels: nothing where the sheet knows none."""
    keys = ("label_respellings", "merged_labels")
    return {key: sheet[key] for key in keys if sheet[key]}


def default_training() -> dict[str, Any]:
    """Training settings of a task whose sheet sets none."""
    return SheetTraining().plain()
