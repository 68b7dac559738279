"""A job's script that lets the preloaded parent run it, and ends as the parent's child ended."""

import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xstilts.jobs.preloaded.surroundings import surroundings
from xstilts.jobs.preloaded.wire import OFFER, STREAMS, address, is_same_user, receive, send


def hand_over() -> str | None:
    """Let the parent on offer run this very script; returns only where none does.

    Returns:
        Why none does, for the log; None where none is on offer.
    """
    offer = os.environ.get(OFFER)
    if offer is None:
        return None
    name, executable = json.loads(offer)
    if executable != sys.executable:
        return f"it has a Python of its own ({sys.executable})"
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address(name))
            if not is_same_user(connection):
                return "the preloaded Python is another user's"
            with _signals_for(connection):
                return _follow(connection)
    except (OSError, EOFError):
        return "the preloaded Python has ended"


@contextmanager
def _signals_for(connection: socket.socket) -> Iterator[None]:
    """Within, SIGTERM goes to the child; this process hears it afterwards if it still runs."""
    heard = []

    def pass_on(number: int, _: object) -> None:
        heard.append(number)
        with suppress(OSError):
            connection.send(bytes([number]))

    before = signal.signal(signal.SIGTERM, pass_on)
    # In the foreground of a terminal the child gets its own; nobody needs this one's traceback.
    interrupt = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, interrupt)
        signal.signal(signal.SIGTERM, before)
        for number in heard:
            os.kill(os.getpid(), number)


def _follow(connection: socket.socket) -> str:
    """Ask, wait, and end as the child ended; or why the parent refused."""
    send(connection, _request(), STREAMS)
    answer, _ = receive(connection)
    if "status" in answer:
        _end_like(answer["status"])
    return answer["refused"]


def _request() -> dict[str, Any]:
    """What a process inherits from the one that starts it."""
    mask = os.umask(0)
    os.umask(mask)
    return {
        "script": str(Path(sys.argv[0]).absolute()),
        "arguments": sys.argv,
        "folder": str(Path.cwd()),
        "mask": mask,
        "environment": dict(os.environ),
        "surroundings": surroundings(),
    }


def _end_like(status: int) -> None:
    """End this process by the wait status of the child."""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        os._exit(code)
    if -code != signal.SIGKILL:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
