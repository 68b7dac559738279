"""What huggingface_hub raises, as one sentence with its remedy."""

from huggingface_hub.constants import is_offline_mode
from huggingface_hub.errors import (
    CachedRepoTreeNotFoundError,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)


def explained(error: BaseException, what: str, commit: str, server: str) -> str | None:
    """Why `what` ("the data set owner/name") cannot be had; None if error is no such fault."""
    if isinstance(error, GatedRepoError):
        return (
            f"{what} asks for its terms to be accepted: do that on its page at the Hub, then "
            "say `hf auth login` (or set HF_TOKEN) and run again."
        )
    if isinstance(error, RevisionNotFoundError):
        return (
            f"{what} has no revision {commit[:12]}: delete its line in "
            "config/revisions.lock.yaml and run `snakemake pin` again."
        )
    if isinstance(error, LocalEntryNotFoundError | CachedRepoTreeNotFoundError):
        if is_offline_mode():
            return (
                f"{what} at {commit[:12]} is not in the cache, and HF_HUB_OFFLINE or "
                "HF_DATASETS_OFFLINE forbids to fetch it: fetch once without it, or point "
                "HF_HOME to a cache that has it."
            )
        # There is nothing in the cache, because of what happened before.
        cause = error.__cause__
        return (
            explained(cause, what, commit, server) if cause else _unreachable(error, what, server)
        )
    if isinstance(error, EntryNotFoundError):
        return f"{what} has no such file at {commit[:12]}: pin another one. ({_first(error)})"
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else None
    if isinstance(error, RepositoryNotFoundError) or status in (401, 403):
        return (
            f"the Hub does not show {what}: check the name; if it is private or gated, say "
            "`hf auth login` (or set HF_TOKEN) with an account that may read it."
        )
    if status is not None:
        return f"the Hub answered {status} for {what}: try again later. ({_first(error)})"
    return _unreachable(error, what, server) if _is_network(error) else None


def may_pass(error: BaseException) -> bool:
    """Whether asking again may help."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code >= 500 or error.response.status_code == 429
    return _is_network(error) and not is_offline_mode()


def _unreachable(error: BaseException, what: str, server: str) -> str:
    return (
        f"{what} could not be fetched from {server} ({type(error).__name__}: {_first(error)}): "
        "check the connection and run again; what has arrived is kept, and hub_endpoint or "
        "HF_ENDPOINT names a mirror."
    )


def _first(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else "no more is known"


def _is_network(error: BaseException) -> bool:
    # The client of huggingface_hub (httpx2) and its Rust downloader have errors of their own.
    theirs = type(error).__module__.startswith(("httpx", "httpcore", "hf_xet"))
    cut_short = "Consistency check failed" in str(error)
    return theirs or cut_short or isinstance(error, ConnectionError | TimeoutError)
