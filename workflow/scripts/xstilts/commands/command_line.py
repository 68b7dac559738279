"""Which command a call of Snakemake asks for, if any."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

COMMANDS = ("forecast", "stale", "prune", "explain")
QUESTIONS = ("run", "cell")


@dataclass(frozen=True)
class Asked:
    """A command on Snakemake's command line.

    Attributes:
        name: one of COMMANDS.
        dry: whether -n was given.
        question: what `explain` is asked.
    """

    name: str
    dry: bool
    question: dict[str, Any]


def asked(targets: Sequence[str], dry: bool, config: dict[str, Any]) -> Asked | None:
    """The command that is the only target, or None.

    What `explain` is asked is taken out of `config`, so that it is no part of the study.
    """
    if len(targets) != 1 or targets[0] not in COMMANDS:
        return None
    keys = QUESTIONS if targets[0] == "explain" else ()
    question = {key: config.pop(key) for key in keys if key in config}
    return Asked(targets[0], dry, question)
