"""A child of the preloaded parent: becomes the process that its client would have been."""

import atexit
import ctypes
import os
import runpy
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.jobs.preloaded.wire import OFFER, STREAMS

# prctl(2): the signal that this process gets when its parent dies.
PR_SET_PDEATHSIG = 1


@dataclass
class Request:
    """A job: what its client inherited (`client._request`), and the client's standard streams."""

    plain: dict[str, Any]
    streams: list[int]

    def close(self) -> None:
        """Close the streams."""
        for stream in self.streams:
            os.close(stream)


def part_from(parent: int) -> None:
    """Stand by itself: die with `parent`, and hear signals as a new process does."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it died in between
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run(job: Request) -> None:
    """Run the job's script as `python SCRIPT` would, and end this process as that would end.

    Without taking the interpreter apart: that would copy every page that the parent's modules lie
    on, a third of a second.
    """
    _take_on(job)
    code = _status(job.plain["script"])
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does at its end
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


def _take_on(job: Request) -> None:
    """Streams, folder, environment and arguments of the client."""
    for number, stream in zip(STREAMS, job.streams, strict=True):
        os.dup2(stream, number, inheritable=True)
    job.close()
    plain = job.plain
    os.chdir(plain["folder"])
    os.umask(plain["mask"])
    os.environ.clear()
    os.environ.update(plain["environment"])
    # The script comes by here again, this time to run.
    del os.environ[OFFER]
    sys.argv[:] = plain["arguments"]
    sys.path.insert(0, str(Path(plain["script"]).parent))
    # Python's own generator does so by itself.
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


def _status(script: str) -> int:
    """Run `script`; its exit status, or minus the number of the signal that it ends by."""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xFF
        print(end.code, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        sys.excepthook(*sys.exc_info())
        return -signal.SIGINT
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0
