"""What a process inherits and cannot, or need not, take over from another one."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

# No library reads these when it is imported: a shell's own, and where files go that do not last.
OWN = {"_", "SHLVL", "PWD", "OLDPWD", "TMPDIR", "TMP", "TEMP", "TEMPDIR"}
PROCESS = Path("/proc/self")
TEXTS = {"limits (ulimit)": "limits", "control group": "cgroup"}


def surroundings() -> dict[str, str]:
    """Limits, control group, view of the file system and priority of this process, by name.

    A job that was given a limit of its own must run under it, and not under another process's.
    """
    texts = {"priority": str(os.getpriority(os.PRIO_PROCESS, 0))}
    for name, file in TEXTS.items():
        with suppress(OSError):
            texts[name] = (PROCESS / file).read_text(encoding="utf-8")
    with suppress(OSError):
        texts["file system"] = str((PROCESS / "ns" / "mnt").readlink())
    return texts


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Names of what differs between two surroundings or environments, but for OWN."""
    return sorted({name for name, _ in one.items() ^ other.items()} - OWN)
