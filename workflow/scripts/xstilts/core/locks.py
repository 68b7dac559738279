"""Locks that end with their process, and what they say about locks that do not.

All are `flock`s: the kernel drops them however a process ends, and no program that Snakemake
starts inherits them. On a file system without them nothing is locked, and nothing is concluded.
"""

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

RECORD = "study.lock"


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


def remove_stale_locks(
    folder: Path, lock_files: Callable[[Path], list[Path]]
) -> tuple[IO[str] | None, str | None]:
    """Remove the `lock_files` that a killed Snakemake left in `folder` (.snakemake).

    Snakemake's own lock is a file, which outlives a `kill -9`. So every Snakemake also holds a
    shared `flock`: whoever gets it alone knows that no other lives. Nothing is removed if the last
    one ran on another machine, since some network file systems do not share such locks.

    Returns:
        What must stay open for as long as this process works here, and a sentence if locks were
        removed.
    """
    try:
        folder.mkdir(exist_ok=True)
        stream = (folder / RECORD).open("a+")
    except OSError:
        return None, None
    try:
        alone = _alone(stream)
        stream.seek(0)
        removed = alone and stream.read() == os.uname().nodename and _remove(lock_files(folder))
        if alone:
            stream.truncate(0)
            stream.write(os.uname().nodename)
            stream.flush()
        fcntl.flock(stream, fcntl.LOCK_SH)
    except OSError:
        stream.close()
        return None, None
    said = "An earlier Snakemake was killed here: its lock is removed, and its work goes on."
    return stream, said if removed else None


def _alone(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remove(files: list[Path]) -> bool:
    for path in files:
        path.unlink(missing_ok=True)
    return bool(files)
