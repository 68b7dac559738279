"""Pinned revisions of what a study takes from the Hub: read here, written by `snakemake pin`.

A commit says exactly which bytes a run was made from; a branch such as main moves on, so that the
same config would mean other data next year.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from xstilts.config.validation import read_yaml
from xstilts.core.errors import StudyError
from xstilts.core.files import write_atomically
from xstilts.core.paths import UNPINNED

LOCK = Path("config/revisions.lock.yaml")
KINDS = ("datasets", "models")
COMMIT = re.compile(r"[0-9a-f]{40}")

HEAD = """\
# Written by `snakemake pin`: the commit of each data set and model that a study takes from the Hub.
# Delete a line and pin again to move to the newest one; runs on the other commit get new names.
"""


@dataclass(frozen=True)
class Revisions:
    """Commits by `owner/name`, of data sets and of models."""

    datasets: dict[str, str] = field(default_factory=dict)
    models: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str, name: str) -> str:
        """The commit of a data set or model (`kind` is one of KINDS), or UNPINNED."""
        return getattr(self, kind).get(name, UNPINNED)

    def unpinned(self, wanted: dict[str, list[str]]) -> dict[str, list[str]]:
        """Those names of `wanted`, by kind, that have no commit."""
        return {
            kind: [name for name in wanted.get(kind, []) if self.of(kind, name) == UNPINNED]
            for kind in KINDS
        }


def read_lock(path: Path = LOCK) -> Revisions:
    """The pins in `path`; none where there is no such file.

    Raises:
        StudyError: the file is damaged or pins something else than a commit.
    """
    if not path.is_file():
        return Revisions()
    content = read_yaml(path) or {}
    well_formed = isinstance(content, dict) and set(content) <= set(KINDS)
    if not well_formed or not all(isinstance(pins or {}, dict) for pins in content.values()):
        raise StudyError(
            f"{path} is not as `snakemake pin` writes it (datasets and models, each with commits "
            "by name); delete it and pin again."
        )
    for pins in content.values():
        for name, commit in (pins or {}).items():
            if not COMMIT.fullmatch(str(commit)):
                raise StudyError(
                    f"{path}: {name} is pinned to '{commit}', which is no commit and may mean "
                    "other bytes tomorrow; delete the line and run `snakemake pin`."
                )
    return Revisions(**{kind: dict(content.get(kind) or {}) for kind in KINDS})


def write_lock(revisions: Revisions, path: Path = LOCK) -> None:
    """Write all pins, sorted; the file is there whole or not at all."""
    content = {kind: dict(sorted(getattr(revisions, kind).items())) for kind in KINDS}
    text = HEAD + yaml.safe_dump(content, sort_keys=False)
    write_atomically(path, lambda file: file.write_text(text, encoding="utf-8"))


def pin_command(unpinned: dict[str, list[str]], config_file: str) -> str | None:
    """What a run of an unpinned study says instead of running; None if everything is pinned."""
    names = [name for kind in KINDS for name in unpinned.get(kind, [])]
    if not names:
        return None
    some = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return (
        f"no revision is pinned for {some}, so that nobody could tell later which data this study "
        f"used; run `snakemake pin --configfile {config_file}` once (it asks the Hub for the "
        f"newest commits and writes {LOCK}), then start again."
    )
