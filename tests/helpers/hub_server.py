"""The endpoints of the Hugging Face Hub that the client uses, on the loopback interface.

Faults are planted by path: a connection that breaks off, an answer that does not come, a status.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

CONVERTED = "refs/convert/parquet"


def commit_of(name: str, branch: str = "main") -> str:
    """The commit that this server says a branch is at."""
    return hashlib.sha1(f"{name}@{branch}".encode()).hexdigest()


@dataclass
class FakeHub:
    """Repositories by (`datasets` or `models`, owner/name, branch): paths and their bytes.

    Attributes:
        cut: bytes after which the connection breaks off, by path in the repository, once each.
        silent: paths that are never answered.
        status: HTTP status and error code, by owner/name.
        requests: method and path of all requests so far.
    """

    repositories: dict[tuple[str, str, str], dict[str, bytes | Path]] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    status: dict[str, tuple[int, str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    url: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def add_dataset(self, name: str, files: dict[str, bytes | Path], branch: str = "main") -> None:
        self.repositories["datasets", name, branch] = files

    def add_model(self, name: str, files: dict[str, bytes | Path]) -> None:
        self.repositories["models", name, "main"] = files

    def add_folder(self, root: Path, converted: tuple[str, ...] = ()) -> None:
        """Every data set of a folder in the folder source's layout, as the Hub would hold it.

        Those in `converted` have a script on main and Parquet on the Hub's own branch.
        """
        for folder in sorted(path for path in root.iterdir() if path.is_dir()):
            name = folder.name.replace("__", "/", 1)
            found = sorted(folder.glob("*/*.parquet"))
            if name in converted:
                self.add_dataset(name, {f"{folder.name}.py": b"raise SystemExit"})
                files = {f"{file.parent.name}/{file.stem}/0000.parquet": file for file in found}
                self.add_dataset(name, files, CONVERTED)
                continue
            files = {
                f"{file.parent.name}/{file.stem}-00000-of-00001.parquet": file for file in found
            }
            self.add_dataset(name, {"README.md": card(found)} | files)


def card(files: list[Path]) -> bytes:
    """A data set's card that says which files make up which split."""
    configs: dict[str, list[dict[str, str]]] = {}
    for file in files:
        path = f"{file.parent.name}/{file.stem}-*"
        configs.setdefault(file.parent.name, []).append({"split": file.stem, "path": path})
    listing = [{"config_name": name, "data_files": found} for name, found in configs.items()]
    return f"---\n{yaml.safe_dump({'configs': listing})}---\n# A card\n".encode()


@contextmanager
def served(hub: FakeHub) -> Iterator[FakeHub]:
    """Serve `hub` at `hub.url` within the block."""

    class Handler(_Handler):
        fake = hub

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        hub.over.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeHub

    def log_message(self, *_: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.fake.requests.append(f"{self.command} {path}")
        parts = path.strip("/").split("/")
        if parts[0] == "api":
            self._api(parts[1], "/".join(parts[2:4]), parts[4:])
        else:
            kind = "datasets" if parts[0] == "datasets" else "models"
            rest = parts[1:] if kind == "datasets" else parts
            self._file(kind, "/".join(rest[:2]), rest[3], "/".join(rest[4:]))

    def _repository(self, kind: str, name: str, revision: str):
        """Commit and files, or None once an error has been sent."""
        if name in self.fake.status:
            status, code = self.fake.status[name]
            return self._fail(status, code)
        branches = [branch for a, b, branch in self.fake.repositories if (a, b) == (kind, name)]
        if not branches:
            return self._fail(401, "RepoNotFound")
        for branch in branches:
            if revision in (branch, commit_of(name, branch)):
                return commit_of(name, branch), self.fake.repositories[kind, name, branch]
        return self._fail(404, "RevisionNotFound")

    def _api(self, kind: str, name: str, rest: list[str]) -> None:
        what, revision = (rest[0], "/".join(rest[1:])) if rest else ("revision", "main")
        found = self._repository(kind, name, revision)
        if found is None:
            return
        commit, files = found
        if what == "tree":
            answer = [
                {"type": "file", "path": path, "size": len(_bytes(content)), "oid": _etag(content)}
                for path, content in files.items()
            ]
        else:
            siblings = [{"rfilename": path} for path in files]
            answer = {"id": name, "sha": commit, "siblings": siblings, "private": False,
                      "downloads": 0, "likes": 0, "tags": []}  # fmt: skip
        self._send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def _file(self, kind: str, name: str, revision: str, path: str) -> None:
        if path in self.fake.silent:
            self.fake.over.wait(20)
            return
        found = self._repository(kind, name, revision)
        if found is None:
            return
        commit, files = found
        if path not in files:
            self._fail(404, "EntryNotFound", {"X-Repo-Commit": commit})
            return
        content = _bytes(files[path])
        headers = {"X-Repo-Commit": commit, "ETag": f'"{_etag(files[path])}"'}
        begin = self.headers.get("Range", "")
        status = 206 if begin else 200
        if begin:
            first = int(begin.removeprefix("bytes=").partition("-")[0])
            headers["Content-Range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
            content = content[first:]
        self._send(status, content, headers, self.fake.cut)

    def _fail(self, status: int, code: str, headers: dict[str, str] | None = None) -> None:
        self._send(status, b"", {"X-Error-Code": code, **(headers or {})})

    def _send(
        self, status: int, body: bytes, headers: dict[str, str], cut: dict[str, int] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        path = next((path for path in cut or {} if unquote(self.path).endswith(path)), None)
        if path is not None:
            self.wfile.write(body[: cut.pop(path)])
            self.close_connection = True
            return
        self.wfile.write(body)


def _bytes(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()


def _etag(content: bytes | Path) -> str:
    return hashlib.sha1(_bytes(content)).hexdigest()
