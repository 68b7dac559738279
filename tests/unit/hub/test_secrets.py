"""The user's token goes over https to named hosts alone, and no password is ever printed."""

import pytest

from xstilts.core.errors import StudyError, without_password
from xstilts.hub import access
from xstilts.hub.access import Repository
from xstilts.hub.models import fetch_encoder
from xstilts.hub.secrets import HUB, hub_settings, token_for

pytestmark = pytest.mark.odd_input

COMMIT = "0" * 40


@pytest.mark.parametrize(
    ("endpoint", "hosts", "sent"),
    [
        (None, [HUB], True),
        ("https://huggingface.co", [HUB], True),
        ("http://huggingface.co", [HUB], False),
        ("https://mirror.org", [HUB], False),
        ("https://mirror.org:8443/hf", [HUB, "mirror.org"], True),
        ("http://mirror.org", ["mirror.org"], False),
        ("https://huggingface.co.evil.org", [HUB], False),
        ("https://huggingface.co@evil.org", [HUB], False),
        ("https://evil.org/huggingface.co", [HUB], False),
        ("https://huggingface.co", ["mirror.org"], False),
    ],
)
def test_where_the_token_goes(endpoint, hosts, sent):
    assert (token_for(endpoint, hosts) is None) is sent


def test_the_environments_mirror_gets_no_token_either(monkeypatch):
    monkeypatch.setattr(access.HfApi, "endpoint", None, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "https://mirror.org")
    assert token_for(None, [HUB]) is False
    assert token_for(None, ["mirror.org"]) is None


def test_no_request_over_http_bears_the_token(fake, repository, monkeypatch, tmp_path):
    from helpers import hub_server

    monkeypatch.setattr("huggingface_hub.utils._headers.get_token", lambda: "hf_secret")
    seen = []
    answer = hub_server._Handler._answer
    monkeypatch.setattr(
        hub_server._Handler, "_answer", lambda self: (seen.append(str(self.headers)), answer(self))
    )
    fake.add_model("o/m", {"config.json": b"{}", "model.safetensors": b"", "tokenizer.json": b"{}"})
    mine = repository("o/m", "model")
    fetch_encoder(mine, tmp_path / "m")
    mine.info()
    assert len(seen) > 3
    assert not any("hf_secret" in headers for headers in seen)


def test_settings_of_a_config():
    assert hub_settings({}) == {"endpoint": None, "token_hosts": (HUB,)}
    config = {"hub_endpoint": "https://m.org", "hub_token_hosts": ["m.org"]}
    assert hub_settings(config) == {"endpoint": "https://m.org", "token_hosts": ("m.org",)}


def test_a_password_in_the_endpoint_is_not_printed(no_server, no_waiting, tmp_path):
    address = no_server.replace("http://", "http://me:hunter2@")
    mine = Repository("model", "o/m", COMMIT, address, tmp_path)
    for call in (mine.info, mine.files, lambda: mine.fetch("config.json")):
        with pytest.raises(StudyError) as caught:
            call()
        assert "hunter2" not in str(caught.value)


def test_addresses_without_their_passwords():
    text = "https://me:word@a.org/x and http://b.org/@c, ftp://token@d"
    assert without_password(text) == "https://***@a.org/x and http://b.org/@c, ftp://***@d"
