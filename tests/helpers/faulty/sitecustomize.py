"""Puts one fault into whichever process comes first to rename a file to a given name.

Python imports this at its start where a test has it in PYTHONPATH. All results appear by such a
rename, so that a fault can strike at any point of a publication. FAULT in the environment: JSON
of pattern (of the final path), nth (which of the renames in that process), when (before, after),
what (kill, terminate, kill the parent, or wait until the flag is gone) and flag (a file, made by
the process that strikes).
"""

import fnmatch
import json
import os
import signal
import time
from pathlib import Path

SECONDS = 300


def strike(fault):
    try:
        os.close(os.open(fault["flag"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    if fault["what"] == "wait":
        end = time.monotonic() + SECONDS
        while Path(fault["flag"]).exists() and time.monotonic() < end:
            time.sleep(0.02)
    elif fault["what"] == "kill the parent":
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(SECONDS)
    else:
        os.kill(os.getpid(), {"kill": signal.SIGKILL, "terminate": signal.SIGTERM}[fault["what"]])


def install(fault):
    replace, seen = os.replace, []

    def faulty(source, target, **more):
        hit = fnmatch.fnmatch(os.fspath(target), fault["pattern"])
        seen.extend([target] * hit)
        now = hit and len(seen) == fault["nth"]
        if now and fault["when"] == "before":
            strike(fault)
        replace(source, target, **more)
        if now and fault["when"] == "after":
            strike(fault)

    os.replace = faulty


if "FAULT" in os.environ:
    install(json.loads(os.environ["FAULT"]))
