"""Locks that end with their process.

All are `flock`s: the kernel drops them however a process ends, and no program that Snakemake
starts inherits them. On a file system without them nothing is locked, and nothing is concluded.
"""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def exclusive(path: Path, what: str) -> Iterator[bool]:
    """Hold the lock `path` (made if needed, deleted afterwards), waiting for whoever holds it.

    Yields whether it is held: False on a file system without locks. `what` names in a message what
    the other process is doing.
    """
    stream, held = _hold(path, what)
    with stream:
        try:
            yield held
        finally:
            if held:
                path.unlink(missing_ok=True)


def _hold(path: Path, what: str) -> tuple[IO[str], bool]:
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = path.open("a")
        try:
            _wait(stream, what)
        except OSError:
            return stream, False
        # Whoever held it may have deleted it meanwhile: then a third could lock a new file.
        if path.exists() and os.path.samestat(path.stat(), os.fstat(stream.fileno())):
            return stream, True
        stream.close()


def _wait(stream: IO[str], what: str) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"another process is {what}: waiting for it.", file=sys.stderr, flush=True)
        fcntl.flock(stream, fcntl.LOCK_EX)
