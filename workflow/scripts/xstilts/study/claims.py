"""One process at a time makes a run, and takes over what an earlier one finished."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xstilts.study.locking import exclusive
from xstilts.study.receipts import DamagedRun, read_receipt, verify
from xstilts.study.recipes import RESULTS


@contextmanager
def claimed(folder: Path, scratch: Path | None = None) -> Iterator[bool]:
    """Hold the lock of the run in `folder`; yields whether the run is still to be made.

    An orphan of a killed Snakemake may still be making this run: then wait for it, and take its
    result instead of making it a second time, unless the new Snakemake has meanwhile removed a
    part of it. `scratch` (by default the run's folder in results/scratch) holds the lock and what
    the run keeps until it is done; it is deleted once the run is there.
    """
    scratch = scratch or RESULTS / "scratch" / folder.name
    with exclusive(scratch / "lock", f"making {folder.name}") as alone:
        if alone:
            _sweep(folder)
        yield not _is_whole(folder)
        shutil.rmtree(scratch, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Delete the unfinished files of a process that was killed."""
    for path in folder.glob(".*.part"):
        path.unlink(missing_ok=True)


def _is_whole(folder: Path) -> bool:
    if not (folder / "receipt.json").is_file():
        return False
    try:
        verify(folder, read_receipt(folder))
    except DamagedRun:
        return False
    return True
