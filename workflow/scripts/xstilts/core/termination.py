"""How a long job that is told to end (SIGTERM) keeps what it has done.

SLURM sends SIGTERM before a time limit or a pre-emption kills a job for good, half a minute later
by default. The signal only raises a flag; the job looks at it between two steps or two batches.
"""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupted(Exception):  # noqa: N818 (nothing went wrong)
    """The job was told to end; what it had done is kept."""


class _State:
    """Whether this process is asked to end, and what it keeps then; signals are process-wide."""

    requested = False
    keep: Callable[[], object] | None = None


@contextmanager
def graceful_sigterm() -> Iterator[None]:
    """Within, SIGTERM ends the job at its next `check`. For the main thread.

    A second SIGTERM changes nothing. Nothing that lies between two checks is cut in two, and a
    job that comes to its end before the next check is done as if nothing had been said.
    """

    def hear(*_: object) -> None:
        _State.requested = True

    before = signal.signal(signal.SIGTERM, hear)
    _State.requested, _State.keep = False, None
    try:
        yield
    finally:
        _State.requested, _State.keep = False, None
        signal.signal(signal.SIGTERM, before)


def save_before_exit(keep: Callable[[], object]) -> None:
    """From here on `keep` is called before the job ends early: it writes a checkpoint."""
    _State.keep = keep


def raise_if_requested() -> None:
    """End the job if it was told to.

    Raises:
        Interrupted: after what the job has to keep is kept, or could not be (said in the log).
    """
    if not _State.requested:
        return
    if _State.keep is not None:
        try:
            _State.keep()
        except Exception as error:
            # The last checkpoint before this one is still whole.
            print(f"The work since the last checkpoint is lost: {error}", file=sys.stderr)
    raise Interrupted
