"""Offer a preloaded parent to the jobs of this Snakemake, and start it when the first one asks."""

import os
import secrets
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

from xstilts.jobs.preloaded.wire import OFFER, address, offer_of

PARENT = "xstilts.jobs.preloaded.parent"
# A parent sends this when its first child runs. Where so many in a row end without it, the next
# would not come further either.
SERVING = b"s"
TRIES = 2


def withdraw_offer() -> None:
    """Let no job of this process look for a parent: it is not this machine's to serve."""
    os.environ.pop(OFFER, None)


def offer(may_serve: Callable[[], bool], tell: Callable[[str], None]) -> None:
    """From now on, this process's jobs find a parent, which starts when the first one asks.

    Args:
        may_serve: asked when a job is there, since only then an executor has been chosen.
        tell: told where no parent can be had, so that every job pays its own imports.
    """
    if not sys.platform.startswith("linux") or OFFER in os.environ:
        return
    name = f"xstilts-{secrets.token_hex(16)}"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address(name))
    listener.listen(128)
    os.environ[OFFER] = offer_of(name, sys.executable)
    keeper = threading.Thread(target=_keep, args=(listener, may_serve, tell), daemon=True)
    keeper.name = "preloaded"
    keeper.start()


def _keep(
    listener: socket.socket, may_serve: Callable[[], bool], tell: Callable[[str], None]
) -> None:
    """Start a parent whenever a job asks and none serves: the last was killed, or code edited."""
    ended: list[subprocess.Popen] = []
    failures = 0
    with listener:
        while failures < TRIES:
            select.select([listener], [], [])
            if not may_serve():
                return
            parent, served = _run_parent(listener)
            failures = 0 if served else failures + 1
            # One that no longer serves may still wait for its children.
            ended = [process for process in [*ended, parent] if process.poll() is None]
    tell("No preloaded Python can be had: every job imports the libraries itself.")


def _run_parent(listener: socket.socket) -> tuple[subprocess.Popen, bool]:
    """Start a parent and wait until it serves no more; whether it did."""
    # Each sees the other's end by it, however that comes.
    own, its = socket.socketpair()
    with own:
        with its:
            sockets = (listener.fileno(), its.fileno())
            parent = subprocess.Popen(
                [sys.executable, "-P", "-m", PARENT, *map(str, sockets)],
                pass_fds=sockets,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        said = b""
        while part := own.recv(16):
            said += part
    return parent, SERVING in said
