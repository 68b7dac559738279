"""Which GPU of a machine a job has to itself, or shares with so many others.

Snakemake counts GPUs (`--resources gpu=4`) and says to no job which one is its own, so that all of
them would take the first. A job therefore holds the lock file of a device as long as its process
lives; the kernel drops it however that ends. On a cluster SLURM chooses: where it shows a job one
device, that is the one.

Where several jobs share a device, each holds the lock file of a slot of it, and shares that of the
device, which a job that wants the device alone holds by itself.
"""

import fcntl
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import IO

POLL_SECONDS = 1.0
# The files are open, and so the slot held, until the process ends.
_held: dict[tuple[str, ...], tuple[int, list[IO[str]]]] = {}


def slots_folder() -> Path:
    """Where this machine's lock files lie: not in `results`, which several machines may share."""
    return Path(tempfile.gettempdir()) / "xstilts-devices"


def chosen_by_slurm(visible: int) -> bool:
    """Whether SLURM has left this job a single device."""
    return visible == 1 and "SLURM_JOB_ID" in os.environ


def hold_slot(devices: Sequence[str], folder: Path | None = None, share: int = 1) -> int:
    """Index of the device that this process may use from now on; waits until one is free.

    Args:
        devices: lasting names (UUIDs) of the devices that this process sees, in CUDA's order.
        folder: where the lock files lie, by default `slots_folder`.
        share: jobs that may use a device at once, this one included.

    On a file system without locks the first device is taken, as without slots.
    """
    names = tuple(devices)
    if names not in _held:
        _held[names] = _wait_for_slot(names, folder or slots_folder(), share)
    return _held[names][0]


def _wait_for_slot(devices: tuple[str, ...], folder: Path, share: int) -> tuple[int, list[IO[str]]]:
    # The first slot of every device comes first, so that jobs spread over devices.
    slots = list(product(range(share), enumerate(devices)))
    said = False
    while True:
        for slot, (index, name) in slots:
            try:
                streams = _take(folder, name, slot, share)
            except OSError:
                return 0, []
            if streams:
                return index, streams
        if not said:
            print(
                f"All devices ({len(devices)}) are taken: waiting for one.",
                file=sys.stderr,
                flush=True,
            )
            said = True
        time.sleep(POLL_SECONDS)


def _take(folder: Path, device: str, slot: int, share: int) -> list[IO[str]]:
    """The locked files of a slot of `device`; none where another job has it.

    Raises:
        OSError: the file system knows no locks.
    """
    locks = {device: fcntl.LOCK_EX}
    if share > 1:
        locks = {device: fcntl.LOCK_SH, f"{device}.{slot}": fcntl.LOCK_EX}
    streams: list[IO[str]] = []
    for name, how in locks.items():
        streams.append(_open(folder, name))
        try:
            fcntl.flock(streams[-1], how | fcntl.LOCK_NB)
        except BlockingIOError:
            for stream in streams:
                stream.close()
            return []
    return streams


def _open(folder: Path, name: str) -> IO[str]:
    """The lock file of a device or a slot, which other users of the machine may lock as well."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.lock"
    stream = path.open("a")
    # They belong to whoever came first.
    for item, mode in ((folder, 0o1777), (path, 0o666)):
        with suppress(OSError):
            item.chmod(mode)
    return stream
