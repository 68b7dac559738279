"""A Hub of the test's own, on the loopback interface."""

import os
import socket

import pytest

from helpers.hub_server import FakeHub, commit_of, served

# Read when huggingface_hub is imported: no name of a real Hub, no telemetry, no Rust downloader.
os.environ.update(HF_HUB_DISABLE_TELEMETRY="1", HF_HUB_DISABLE_XET="1")


@pytest.fixture
def no_waiting(monkeypatch):
    """Waiting between attempts takes no time."""
    from huggingface_hub.utils import _http

    from xstilts.hub import access

    monkeypatch.setattr(access, "WAITS", (0, 0))
    monkeypatch.setattr(_http.time, "sleep", lambda _: None)


@pytest.fixture
def fake(no_waiting):
    """A Hub without repositories."""
    with served(FakeHub()) as fake:
        yield fake


@pytest.fixture
def repository(fake, tmp_path):
    """`repository("owner/name", kind, branch)` at its commit there."""
    from xstilts.hub.access import Repository

    def make(name="o/n", kind="dataset", branch="main", **settings):
        given = {"revision": commit_of(name, branch), "endpoint": fake.url} | settings
        return Repository(kind, name, cache=tmp_path / "cache", **given)

    return make


@pytest.fixture
def offline(monkeypatch):
    """As HF_HUB_OFFLINE=1, which is read at import."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert constants.is_offline_mode()


@pytest.fixture
def no_server():
    """An address at which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
