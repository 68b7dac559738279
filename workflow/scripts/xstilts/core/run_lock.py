"""One process at a time makes a run, and takes over what an earlier one finished."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from xstilts.core.locks import exclusive
from xstilts.core.paths import RESULTS
from xstilts.core.receipts import DamagedRun, read_receipt, verify


@contextmanager
def making(folder: Path, scratch: Path | None = None, reads: Iterable[Path] = ()) -> Iterator[bool]:
    """Hold the lock of the run in `folder`; yields whether the run is still to be made.

    An orphan of a killed Snakemake may still be making this run: then wait for it, and take its
    result instead of making it a second time, unless the new Snakemake has meanwhile removed a
    part of it. `scratch` (by default the run's folder in results/scratch) holds the lock and what
    the run keeps until it is done; it is deleted once the run is there. `reads` are folders of
    the runs that this one is made from.

    Raises:
        DamagedRun: one of them is no longer what its receipt says.
    """
    scratch = scratch or RESULTS / "scratch" / folder.name
    with exclusive(scratch / "lock", f"making {folder.name}") as alone:
        if alone:
            _sweep(folder)
        finished = _is_whole(folder)
        if not finished:
            for parent in reads:
                verify(parent, read_receipt(parent))
        yield not finished
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
