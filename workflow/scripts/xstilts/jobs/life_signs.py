"""Signs of life of the Snakemakes that work in a folder, and the locks of those that are dead.

Snakemake's own locks are plain files, which outlive a `kill -9`. So every Snakemake also keeps a
file that says which are its own, holds a `flock` on it and touches it every few seconds. One
of two studies in a folder can then be seen to be dead while the other lives.
"""

import fcntl
import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from xstilts.jobs import snakemake_bridge

FOLDER = "alive"
GUARD = "alive.lock"
BEAT_SECONDS = 10.0
# A process on another machine, where the file system may not share flocks, is dead after so long
# without a beat. By the file system's own clock.
SILENT_SECONDS = 60.0

# A lock file: its name, inode and time of writing, as names are used again.
Lock = tuple[str, int, int]


def machine() -> str:
    """The running kernel: containers on one machine differ in host name and share its flocks."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return os.uname().nodename


def lock_files(folder: Path) -> set[Lock]:
    """Snakemake's lock files below `folder` (.snakemake)."""
    return {lock for path in snakemake_bridge.lock_files(folder) if (lock := _lock(path))}


def _lock(path: Path) -> Lock | None:
    with suppress(OSError):
        status = path.stat()
        return path.name, status.st_ino, status.st_mtime_ns
    return None


class LifeSign:
    """That of this process: lasts until it ends, however it ends."""

    def __init__(self, folder: Path, stream: IO[str]) -> None:
        self._folder, self._stream, self._path = folder, stream, Path(stream.name)
        self._ended = threading.Event()
        self._content = {
            "machine": machine(),
            "before": sorted(lock_files(folder)),
            "locks": None,
        }
        self._write()
        threading.Thread(target=self._beat, daemon=True, name="life-sign").start()

    def names(self, paths: Iterable[str | Path]) -> None:
        """Say which lock files are this process's own, once it has them."""
        locks = [lock for path in paths if (lock := _lock(Path(path)))]
        self._content["locks"] = sorted(locks)
        with suppress(OSError):
            self._write()

    def end(self) -> None:
        """Take the sign away."""
        self._ended.set()
        self._path.unlink(missing_ok=True)
        self._stream.close()

    def _write(self) -> None:
        # In place: another file of that name would not be the one that is locked.
        self._stream.seek(0)
        self._stream.truncate()
        json.dump(self._content, self._stream)
        self._stream.flush()

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            with suppress(OSError):
                os.utime(self._path)


@dataclass(frozen=True)
class Other:
    """Another Snakemake's sign of life; `locks` is None as long as it has not named any."""

    path: Path
    machine: str
    before: frozenset[Lock]
    locks: frozenset[Lock] | None

    @classmethod
    def read(cls, path: Path) -> "Other | None":
        """The sign in `path`; None if it is being written or damaged."""
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            before, locks = plain["before"], plain["locks"]
            named = None if locks is None else frozenset(map(tuple, locks))
            return cls(path, plain["machine"], frozenset(map(tuple, before)), named)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def may_own(self, lock: Lock) -> bool:
        """Whether the lock file can be this one's."""
        return lock in self.locks if self.locks is not None else lock not in self.before

    def is_dead(self) -> bool:
        """Whether its process has ended; waits for a beat where only that can tell.

        Raises:
            OSError: the file system knows no locks.
        """
        try:
            with self.path.open("r+") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        return self.machine == machine() or self._is_silent()

    def _is_silent(self) -> bool:
        begun = _beaten(self.path)
        left = SILENT_SECONDS - (_clock(self.path.parent) - begun)
        if left > 0:
            print(
                f"Another machine's Snakemake may be at work here: looking for {left:.0f} seconds "
                "whether it lives.",
                file=sys.stderr,
                flush=True,
            )
        while _beaten(self.path) == begun:
            if _clock(self.path.parent) - begun >= SILENT_SECONDS:
                return True
            time.sleep(min(1.0, SILENT_SECONDS))
        return not self.path.exists()


def _beaten(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return -1.0


def _clock(folder: Path) -> float:
    """What time it is for the file system, whose clock may differ from this machine's."""
    path = folder / f".clock-{secrets.token_hex(4)}"
    path.touch()
    try:
        return path.stat().st_mtime
    finally:
        path.unlink(missing_ok=True)


def show_life(folder: Path) -> tuple[LifeSign | None, str | None]:
    """Show that this process works in `folder` (.snakemake); remove the locks of dead ones there.

    A lock is removed if a dead Snakemake has named it, or can alone have made it: it began before
    the lock was there and was killed before it could name it, and nobody living is as far. What
    other workflows have locked stays.

    Returns:
        What is to be told the names of this process's own locks, None on a file system without
        locks or that cannot be written; and a sentence if locks were removed.
    """
    try:
        (folder / FOLDER).mkdir(parents=True, exist_ok=True)
        with _alone(folder / GUARD):
            removed = _remove_dead(folder)
            stream = (folder / FOLDER / f"{secrets.token_hex(8)}.json").open("w+", encoding="utf-8")
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            sign = LifeSign(folder, stream)
    except OSError:
        return None, None
    said = "An earlier Snakemake was killed here: its lock is removed, and its work goes on."
    return sign, said if removed else None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two that start at once would each take the other's new sign for none."""
    with path.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _remove_dead(folder: Path) -> bool:
    """Remove locks and signs of the dead; whether there were locks."""
    signs = [Other.read(path) for path in sorted((folder / FOLDER).glob("*.json"))]
    others = [other for other in signs if other]
    dead = [other for other in others if other.is_dead()]
    living = [other for other in others if other not in dead]
    locks = lock_files(folder)
    owned = {lock for lock in locks if any(other.may_own(lock) for other in dead)}
    owned -= {lock for lock in locks if any(other.may_own(lock) for other in living)}
    for name, _, _ in owned:
        (folder / "locks" / name).unlink(missing_ok=True)
    for other in dead:
        other.path.unlink(missing_ok=True)
    return bool(owned)
