"""Whether the code on the disk is still that which a process has loaded."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.plan.code import ROOT

Snapshot = dict[str, Any]


def snapshot(root: Path = ROOT) -> Snapshot:
    """What tells an edit of any file below `root`, or another package installed.

    The time of a file's last change (ctime) is the kernel's own: an edit that is undone, or one
    that sets its time of writing back, is seen as well.
    """
    seen: Snapshot = {}
    for path in _files(str(root)):
        status = os.stat(path)
        seen[path] = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    for folder in sys.path:
        if os.path.isdir(folder):
            seen[f"{folder}/"] = sorted(name for name in os.listdir(folder) if name != CACHE)
    return seen


CACHE = "__pycache__"


def _files(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=True):
                if entry.name != CACHE:
                    yield from _files(entry.path)
            else:
                yield entry.path
