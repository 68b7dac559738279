"""Runs that are there: every receipt below results/, whichever study made it."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.core.paths import STAGES, stage_folder
from xstilts.core.receipts import NAME, read_receipt


@dataclass(frozen=True)
class PastRun:
    """A finished run, as its receipt tells it."""

    stage: str
    name: str
    receipt: dict[str, Any]

    @property
    def label(self) -> str:
        """The readable half of the name."""
        return self.name.rpartition("-")[0]

    @property
    def digest(self) -> str:
        """The half of the name that the recipe decides."""
        return self.name.rpartition("-")[2]

    @property
    def recipe(self) -> dict[str, Any]:
        """What determined the run."""
        return self.receipt["recipe"]


class History:
    """All finished runs; those whose receipts cannot be read are left out and named."""

    def __init__(self) -> None:
        """Read every receipt below results/ in the working directory."""
        self.runs: list[PastRun] = []
        self.unreadable: list[str] = []
        for stage in STAGES:
            for path in sorted(stage_folder(stage).glob(f"*/{NAME}")):
                self._add(stage, path.parent)

    def _add(self, stage: str, folder: Path) -> None:
        try:
            receipt = read_receipt(folder)
        except StudyError as error:
            self.unreadable.append(str(error))
            return
        if isinstance(receipt.get("recipe"), dict):
            self.runs.append(PastRun(stage, folder.name, receipt))

    @cached_property
    def by_digest(self) -> dict[str, PastRun]:
        """Runs by the digest of their recipe."""
        return {run.digest: run for run in self.runs}

    @cached_property
    def by_label(self) -> dict[tuple[str, str], list[PastRun]]:
        """Runs by stage and readable name."""
        runs = defaultdict(list)
        for run in self.runs:
            runs[run.stage, run.label].append(run)
        return runs


@dataclass(frozen=True)
class Label:
    """The readable name of a fine-tune, taken apart: `mnli--mlqa+xquad-seed1`, `mnli-seed1`."""

    row: str
    targets: frozenset[str]
    seed: str

    @classmethod
    def of(cls, label: str) -> "Label":
        """The parts of `label`; a part that it does not have is empty."""
        rest, marked, seed = label.rpartition("-seed")
        rest = rest if marked else label
        row, _, group = rest.partition("--")
        return cls(row, frozenset(group.split("+")) - {""}, seed if marked else "")
