"""The preloaded parent: loads what jobs import, and forks for each of them.

It serves as long as the Snakemake that started it lives and no code is edited, and ends with its
last child. Its children are killed when their client is, and when it is itself; a Snakemake's
death they survive, as jobs do that Snakemake started.
"""

import gc
import importlib
import os
import selectors
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from xstilts.jobs.preloaded import child
from xstilts.jobs.preloaded.launch import SERVING
from xstilts.jobs.preloaded.loaded_code import Snapshot, snapshot
from xstilts.jobs.preloaded.surroundings import differences, surroundings
from xstilts.jobs.preloaded.wire import STREAMS, is_same_user, receive, send
from xstilts.plan.code import ROOT
from xstilts.plan.stage_code import STAGE_CODE

# Stages of which a study has dozens of jobs, and packages whose modules they load by name.
STAGES = ("data", "activations", "intermediate", "target", "retrieval", "embeddings", "evidence")
PACKAGES = ("xstilts.kinds", "xstilts.evaluation.metrics")
# What the start of every job's script imports (Snakemake's preamble), and what pyarrow imports when
# it first makes an array of Python's objects.
OTHERS = ("snakemake.logging", "snakemake.iocontainers", "xstilts.jobs.scripting", "pandas")
# A fork takes along no thread but its own. Of what is loaded, pyarrow alone would start one, by
# which jemalloc gives memory back.
NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
THREADS = Path("/proc/self/task")
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
REQUEST_SECONDS = 10.0


class Parent:
    """What listens for jobs and waits for their children."""

    def __init__(self, listener: socket.socket, lifeline: socket.socket) -> None:
        """`lifeline` ends with the Snakemake that started this; it is told when this serves."""
        self.listener, self.lifeline = listener, lifeline
        self.clients: dict[int, socket.socket] = {}
        self.environment: dict[str, str] = {}
        self.code: Snapshot = {}
        self.serving = True
        self.selector = selectors.DefaultSelector()
        self.wakeup, self._woken = os.pipe()
        os.set_blocking(self._woken, False)
        for watched in (listener, lifeline, self.wakeup):
            self.selector.register(watched, selectors.EVENT_READ)

    def serve(self) -> child.Request | None:
        """Fork for whoever asks. Returns in each child, with its job; in the parent at the end."""
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self.retire())
        # Of a terminal: the children hear it themselves.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        while self.serving or self.clients:
            for key, _ in self.selector.select():
                if job := self._heed(key.fileobj):
                    return job
        return None

    def retire(self) -> None:
        """Take no more jobs; whoever asks next gets another parent."""
        if self.serving:
            self.serving = False
            for ended in (self.listener, self.lifeline):
                self.selector.unregister(ended)
                ended.close()

    def _heed(self, source: Any) -> child.Request | None:
        if source is self.listener and self.serving:
            return self._accept()
        if source is self.lifeline:
            self.retire()
        elif source == self.wakeup:
            os.read(self.wakeup, 1024)
            self._bury()
        elif source in self.clients.values():
            self._hear(source)
        return None

    def _accept(self) -> child.Request | None:
        connection, _ = self.listener.accept()
        connection.settimeout(REQUEST_SECONDS)
        with suppress(OSError, EOFError, ValueError):
            if is_same_user(connection):
                plain, streams = receive(connection, len(STREAMS))
                return self._answer(connection, child.Request(plain, streams))
        connection.close()
        return None

    def _answer(self, connection: socket.socket, job: child.Request) -> child.Request | None:
        """Fork for `job`, unless there is a reason not to."""
        if not self.code:
            self._load(job.plain["environment"])
        try:
            if refusal := self._refusal(job.plain):
                send(connection, {"refused": refusal})
                connection.close()
            elif self._fork(connection):
                return job
        except BaseException:
            job.close()
            raise
        job.close()
        return None

    def _load(self, environment: dict[str, str]) -> None:
        """Import, with the environment of the first job, what all will need."""
        self.code, self.environment = snapshot(), environment
        os.environ.clear()
        os.environ.update(environment | NO_THREADS)
        for module in modules():
            importlib.import_module(module)
        # What is here now is never garbage: children need not copy it to find that out.
        gc.collect()
        gc.freeze()

    def _refusal(self, plain: dict[str, Any]) -> str | None:
        """Why a job is not for this parent."""
        differing = differences(self.environment, plain["environment"])
        differing += differences(surroundings(), plain["surroundings"])
        if differing:
            return f"it differs from the preloaded Python in {', '.join(differing)}"
        if len(list(THREADS.iterdir())) > 1:
            self.retire()
            return "a library has started threads, which no fork takes along"
        if snapshot() != self.code:
            self.retire()
            return "code was edited since the preloaded Python loaded it"
        return None

    def _fork(self, connection: socket.socket) -> bool:
        """Whether this is the child."""
        parent, process = os.getpid(), None
        # A signal between the fork and the child's own handlers would be the parent's.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            process = os.fork()
            if process == 0:
                self._become_child(parent, connection)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if process == 0:
            return True
        with suppress(OSError):
            self.lifeline.send(SERVING)
        self.clients[process] = connection
        self.selector.register(connection, selectors.EVENT_READ)
        return False

    def _become_child(self, parent: int, connection: socket.socket) -> None:
        try:
            child.part_from(parent)
            self._let_go(connection)
        except BaseException:
            os._exit(1)  # never a second parent

    def _let_go(self, connection: socket.socket) -> None:
        """In a child: close all that is the parent's."""
        self.selector.close()
        for stream in (self.listener, self.lifeline, connection, *self.clients.values()):
            stream.close()
        for pipe in (self.wakeup, self._woken):
            os.close(pipe)

    def _hear(self, connection: socket.socket) -> None:
        """Hand a client's signals on to its child; a client that is gone takes it along."""
        (process,) = (key for key, value in self.clients.items() if value is connection)
        try:
            numbers = connection.recv(16)
        except OSError:
            numbers = b""
        if not numbers:
            self.selector.unregister(connection)
        with suppress(ProcessLookupError):
            for number in numbers or [signal.SIGKILL]:
                os.kill(process, number)

    def _bury(self) -> None:
        """Tell the clients of ended children how these ended."""
        for process in list(self.clients):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                connection = self.clients.pop(process)
                with suppress(KeyError):
                    self.selector.unregister(connection)
                with suppress(OSError):
                    send(connection, {"status": status})
                connection.close()


def modules() -> list[str]:
    """What the parent imports."""
    named = [STAGE_CODE[stage] for stage in STAGES]
    for package in PACKAGES:
        folder = ROOT.joinpath(*package.split("."))
        named += [f"{package}.{path.stem}" for path in sorted(folder.glob("[a-z]*.py"))]
    return [*OTHERS, *named]


def main(arguments: list[str]) -> None:
    """Serve on the open sockets whose numbers are given: where jobs ask, and the lifeline."""
    listener, lifeline = (socket.socket(fileno=int(number)) for number in arguments)
    if job := Parent(listener, lifeline).serve():
        child.run(job)


if __name__ == "__main__":
    main(sys.argv[1:])
