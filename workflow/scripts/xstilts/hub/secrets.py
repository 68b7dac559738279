"""Where the user's token for the Hub may go: over https, and only to hosts that the study names."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from huggingface_hub import constants

HUB = "huggingface.co"


def token_for(endpoint: str | None, hosts: Collection[str]) -> bool | None:
    """What huggingface_hub is told of the token at `endpoint` (None: the environment's or the Hub).

    None lets it send what it knows (HF_TOKEN, `hf auth login`), False keeps that back.
    """
    address = urlsplit(endpoint or constants.ENDPOINT)
    trusted = address.scheme == "https" and address.hostname in hosts
    return None if trusted else False


def hub_settings(config: dict[str, Any]) -> dict[str, Any]:
    """How a study asks the Hub, as `Repository` takes it; it decides no number."""
    hosts = config.get("hub_token_hosts") or [HUB]
    return {"endpoint": config.get("hub_endpoint"), "token_hosts": tuple(hosts)}
