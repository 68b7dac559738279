"""Digests of the code, kept until any file of it changes, beside what Python itself compiles.

To follow all definitions takes a processor most of a second, at each call of Snakemake and twice in
each job of a cluster; to see that no file has changed takes a fiftieth of that.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from xstilts.core.files import json_object, write_memory
from xstilts.plan.code import ROOT, TEMPLATES

# Where Python puts what it has compiled of this module (PYTHONPYCACHEPREFIX may say another
# folder); the name tells its version, since one must not vouch for another's digests.
FILE = Path(cache_from_source(__file__)).with_suffix(".json")


class DigestCache:
    """What was computed from the code as it is now, by a key of the caller's.

    A file that is damaged, of other code, or in a folder that cannot be written costs only time.
    """

    def __init__(self, root: Path = ROOT, file: Path | None = None) -> None:
        """Of the code below `root`; kept in `file`, unless Python is told to keep nothing."""
        self.root = root
        self.file = None if sys.dont_write_bytecode else file or FILE
        self.code = files_digest(root) if self.file else ""
        self.changed = False
        known = json_object(self.file) if self.file else {}
        values = known.get("values") if known.get("code") == self.code else None
        self.values: dict[str, Any] = values if isinstance(values, dict) else {}

    def get(self, key: str, compute: Callable[[], Any]) -> Any:
        """What `compute` gives (of JSON's types), computed once for each `key` and each code."""
        if key not in self.values:
            self.values[key] = compute()
            self.changed = True
        return self.values[key]

    def save(self) -> None:
        """Keep what was computed since."""
        # Code that was edited in between would be known under the digest of what it was before.
        if self.changed and self.file and files_digest(self.root) == self.code:
            write_memory(self.file, {"code": self.code, "values": self.values})
        self.changed = False


def files_digest(root: Path) -> str:
    """Digest of all modules and templates below `root`: their paths and their bytes."""
    found = hashlib.sha256()
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".py", *TEMPLATES)):
                path = Path(folder, name)
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                found.update(f"{path.relative_to(root).as_posix()}\0{content}\n".encode())
    return found.hexdigest()
