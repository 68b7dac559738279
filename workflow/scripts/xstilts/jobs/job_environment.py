"""What every job of a workflow finds in its environment."""

import json
import os
from collections.abc import Mapping

WIDER_DATA = "XSTILTS_WIDER_DATA"
PRECISION = "XSTILTS_PRECISION"


def import_from(folder: str) -> None:
    """Let this process's children import from `folder` first."""
    known = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([folder, *([known] if known else [])])


def hand_on_precision(precision: str) -> None:
    """Let this process's jobs, whatever machine they read the Snakefile on, compute as planned."""
    os.environ[PRECISION] = precision


def precision_handed_on() -> str | None:
    """What the process whose job this is has planned with; None if it said nothing."""
    return os.environ.get(PRECISION)


def hand_on_choice(chosen: Mapping[str, Mapping[str, str]]) -> None:
    """Let this process's jobs read the prepared data that it has chosen, by encoder and task.

    By the time that a job reads the Snakefile, another study may have finished more.
    """
    os.environ[WIDER_DATA] = json.dumps(chosen)


def choice_handed_on() -> dict[str, dict[str, str]] | None:
    """What the process whose job this is has chosen; None if it said nothing."""
    text = os.environ.get(WIDER_DATA)
    return None if text is None else json.loads(text)
