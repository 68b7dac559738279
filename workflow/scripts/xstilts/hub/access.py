"""Files of one repository at one commit: asked for, fetched into the Hub's cache, faults explained.

huggingface_hub does the work: it resumes a cut download, waits and asks again when the server is
busy, and finds everything in its cache (HF_HOME) when there is no network. What it raises becomes
one sentence here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from huggingface_hub import HfApi, get_cached_repo_tree, hf_hub_download, snapshot_download
from huggingface_hub.errors import CachedRepoTreeNotFoundError

from xstilts.core.errors import StudyError
from xstilts.core.paths import UNPINNED
from xstilts.hub.listings import checked_names
from xstilts.hub.network_errors import explained, may_pass
from xstilts.hub.secrets import HUB, hub_settings, token_for

Answer = TypeVar("Answer")

# Seconds before asking once more what huggingface_hub asks only once; all else it repeats itself.
WAITS = (1, 4)


@dataclass(frozen=True)
class Repository:
    """A data set or model at a commit.

    Attributes:
        kind: dataset or model.
        name: owner/name.
        revision: a commit.
        endpoint: address of a mirror; None takes that of huggingface_hub (HF_ENDPOINT).
        cache: folder of the cache; None takes that of huggingface_hub (HF_HOME).
        token_hosts: hosts to which the user's token may go, over https alone.
    """

    kind: str
    name: str
    revision: str
    endpoint: str | None = None
    cache: Path | None = None
    token_hosts: tuple[str, ...] = (HUB,)

    @classmethod
    def asked(cls, kind: str, wildcards: Any, config: dict[str, Any]) -> "Repository":
        """The one that a rule's wildcards `owner`, `name` and `revision` name.

        Where the Hub is asked decides nothing: that is in the `config`, and no param of the rule.
        """
        name = f"{wildcards.owner}/{wildcards.name}"
        return cls(kind, name, wildcards.revision, **hub_settings(config))

    @property
    def _token(self) -> bool | None:
        return token_for(self.endpoint, self.token_hosts)

    def files(self) -> list[str]:
        """Paths of all files; asked once per commit, then known from the cache.

        Raises:
            StudyError: they cannot be had, or one would lie outside the repository's folder.
        """
        return checked_names(self._listed(), f"{self.name} at {self.revision[:12]}")

    def _listed(self) -> list[str]:
        where: dict[str, Any] = {
            "repo_type": self.kind,
            "revision": self.revision,
            "cache_dir": self.cache,
        }
        try:
            tree = get_cached_repo_tree(self.name, **where)
        except CachedRepoTreeNotFoundError:
            # The listing is what counts, and it stays in the cache; card or config come along.
            folder = self._told(
                snapshot_download,
                self.name,
                allow_patterns=["README.md", "config.json"],
                endpoint=self.endpoint,
                token=self._token,
                **where,
            )
            try:
                tree = get_cached_repo_tree(self.name, **where)
            except CachedRepoTreeNotFoundError:
                # Out of reach, and the cache was filled file by file: then these files are all.
                files = (path for path in Path(folder).rglob("*") if path.is_file())
                return sorted(path.relative_to(folder).as_posix() for path in files)
        return [entry.path for entry in tree]

    def fetch(self, file: str) -> Path:
        """A file in the cache, downloaded if it is not there.

        Raises:
            StudyError: it cannot be had, or its name leads outside the repository's folder.
        """
        checked_names([file], f"{self.name} at {self.revision[:12]}")
        return Path(
            self._told(
                hf_hub_download,
                self.name,
                file,
                repo_type=self.kind,
                revision=self.revision,
                endpoint=self.endpoint,
                token=self._token,
                cache_dir=self.cache,
            )
        )

    def info(self) -> Any:
        """What the Hub says of the repository: `sha` and `siblings` are read here.

        Raises:
            StudyError: it says nothing.
        """
        api = HfApi(endpoint=self.endpoint, token=self._token)

        def ask() -> Any:
            for wait in (*WAITS, None):
                try:
                    return api.repo_info(
                        self.name, repo_type=self.kind, revision=self.revision, timeout=30
                    )
                except Exception as error:
                    if wait is None or not may_pass(error):
                        raise
                time.sleep(wait)

        return self._told(ask)

    def _told(self, call: Callable[..., Answer], *arguments: Any, **settings: Any) -> Answer:
        """What `call` returns; its faults as StudyError."""
        if self.revision == UNPINNED:
            raise StudyError(f"{self.name} has no pinned revision; run `snakemake pin` first.")
        try:
            return call(*arguments, **settings)
        except Exception as error:
            sentence = self._why(error)
            if sentence is None:
                raise
            raise StudyError(sentence) from error

    def _why(self, error: Exception) -> str | None:
        what = f"the {'data set' if self.kind == 'dataset' else 'model'} {self.name}"
        return explained(error, what, self.revision, self.endpoint or "the Hub")
