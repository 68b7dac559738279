"""Whether the code on the disk is still that which a process has loaded."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.plan.code import ROOT

Snapshot = dict[str, Any]

# Python's own, made anew from what lies beside it.
CACHE = "__pycache__"


def snapshot(root: Path = ROOT) -> Snapshot:
    """What tells an edit of any file below `root`, or another package installed.

    The time of a file's last change (ctime) is the kernel's own: an edit that is undone, or one
    that sets its time of writing back, is seen as well.
    """
    seen: Snapshot = {}
    for path in _files(root):
        status = path.stat()
        seen[str(path)] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    for folder in filter(Path.is_dir, map(Path, sys.path)):
        seen[f"{folder}/"] = sorted(path.name for path in folder.iterdir() if path.name != CACHE)
    return seen


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name == CACHE:
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path
