"""What a job and the preloaded parent say to each other over their socket."""

import json
import os
import socket
import struct
from collections.abc import Iterable
from typing import Any

# Name of the parent's socket and the Python that it runs, in the environment of every local job.
OFFER = "XSTILTS_PRELOADED"
# A message is its length and its JSON. The first carries a job's standard streams.
LENGTH = struct.Struct("!I")
STREAMS = (0, 1, 2)
# What Linux says of the process at the other end: its id, user and group (socket(7)).
CREDENTIALS = struct.Struct("3i")


def offer_of(name: str, executable: str) -> str:
    """The value of OFFER."""
    return json.dumps([name, executable])


def address(name: str) -> bytes:
    """An abstract address: no file of it stays behind, however its processes end (unix(7))."""
    return b"\0" + name.encode()


def is_same_user(connection: socket.socket) -> bool:
    """Whether the process at the other end is this user's; abstract addresses are open to all."""
    known = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return CREDENTIALS.unpack(known)[1] == os.getuid()


def send(connection: socket.socket, message: dict[str, Any], streams: Iterable[int] = ()) -> None:
    """Send `message`, and with it the open files `streams`."""
    body = json.dumps(message).encode()
    socket.send_fds(connection, [LENGTH.pack(len(body))], list(streams))
    connection.sendall(body)


def receive(connection: socket.socket, streams: int = 0) -> tuple[dict[str, Any], list[int]]:
    """The next message, and the open files that came with it, `streams` at most.

    Raises:
        EOFError: the other end is gone.
    """
    head, files, _, _ = socket.recv_fds(connection, LENGTH.size, streams)
    head += _exactly(connection, LENGTH.size - len(head)) if head else b""
    if not head:
        raise EOFError
    (length,) = LENGTH.unpack(head)
    return json.loads(_exactly(connection, length)), files


def _exactly(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        part = connection.recv(count - len(content))
        if not part:
            raise EOFError
        content += part
    return content
