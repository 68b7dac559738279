"""Rows that train on an intermediate task in another way: `<task>+mlm`, `<task>+translated`.

`+mlm` mixes masked language modelling of multilingual text into the task's training; `+translated`
trains on the task's examples in other languages. Phang et al. (2020) name both; which languages,
text, rates and translation system they used is not public, so all of these are config.
"""

from collections.abc import Iterable
from typing import Any

from xstilts.config.sheets import Sheet, task_of
from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import FROM

MLM, TRANSLATED = "mlm", "translated"
VARIANTS = (MLM, TRANSLATED)
# Where translations lie that a user, the demo or the rule `translate_task` makes.
TRANSLATIONS = "translated"


def task_and_variant(row: str) -> tuple[str, str]:
    """The intermediate task of a row, and its variant; "" if it is the plain task."""
    task, _, variant = row.partition("+")
    return task, variant


def plain(row: str) -> str:
    """The task of a row or column, whose settings hold for its variants and sources too."""
    return task_and_variant(row)[0].partition(FROM)[0]


def training_task(row: str) -> str:
    """Name of the prepared data that a row trains on: translated text is data of its own."""
    task, variant = task_and_variant(row)
    return row if variant == TRANSLATED else task


def check_rows(rows: Iterable[str], sheets: dict[str, Sheet]) -> None:
    """Whether every row is an intermediate task or a variant of one.

    Raises:
        StudyError: one is not; the nearest name is given.
    """
    where = "config, key 'intermediate_tasks'"
    tasks = [name for name, sheet in sheets.items() if "intermediate" in sheet["roles"]]
    variants = [f"{task}+{variant}" for task in tasks for variant in VARIANTS]
    for row in rows:
        if "+" not in row:
            task_of(row, "intermediate", sheets, where)
        elif row not in variants:
            raise StudyError(
                f"{where}: '{row}' is no variant (+mlm, +translated) of an intermediate task; "
                f"{nearest(row, variants)}"
            )


def translated_sheets(rows: Iterable[str], sheets: dict[str, Sheet]) -> dict[str, Sheet]:
    """A sheet for every `+translated` row: the task's own, trained on its translations.

    The dev set stays the English one, so that a variant's checkpoint is chosen as the task's is.
    """
    translated = {}
    for row in rows:
        task, variant = task_and_variant(row)
        if variant == TRANSLATED:
            translated[row] = _translated(row, sheets[task])
    return translated


def _translated(row: str, sheet: Sheet) -> dict[str, Any]:
    task = sheet["name"]
    by_hand = {"dataset": f"{TRANSLATIONS}/{task}", "config": "{language}", "split": "train",
               "by_hand": True}  # fmt: skip
    splits = sheet["splits"]
    return sheet | {
        "name": row,
        "title": f"{sheet['title']}, translated",
        "splits": splits | {"train": splits["translated"] or [by_hand]},
        "training_set": row,
        "overlaps": [task],
    }
