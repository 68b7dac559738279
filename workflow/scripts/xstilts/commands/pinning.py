"""`snakemake pin`: ask the Hub once which commits are the newest, and keep them."""

from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError
from xstilts.hub.access import Repository
from xstilts.plan.revisions import COMMIT, KINDS, LOCK, Revisions, read_lock, write_lock

NEWEST = "main"
# Where the Hub keeps its own conversion of data sets that are something else.
CONVERTED = "refs/convert/parquet"


def pin(
    wanted: dict[str, list[str]],
    path: Path = LOCK,
    endpoint: str | None = None,
    **how: Any,
) -> list[str]:
    """Pin those of `wanted` (names by kind) that `path` does not hold yet; say what was done.

    `how` is the rest that `Repository` takes (token_hosts).

    Raises:
        StudyError: nothing comes from the Hub, the Hub cannot be asked, or a data set has no
            Parquet. What was pinned until then is kept.
    """
    if not any(wanted.values()):
        raise StudyError("nothing to pin: this study takes neither data nor encoder from the Hub.")
    known = read_lock(path)
    pinned = []
    for kind in KINDS:
        for name in known.unpinned(wanted)[kind]:
            commit = newest(kind, name, endpoint, **how)
            pins = {**getattr(known, kind), name: commit}
            known = Revisions(**{**vars(known), kind: pins})
            write_lock(known, path)
            pinned.append(f"{name} {commit}")
    kept = sum(map(len, wanted.values())) - len(pinned)
    return [*pinned, f"{len(pinned)} pinned, {kept} were pinned before: {path}"]


def newest(kind: str, name: str, endpoint: str | None, **how: Any) -> str:
    """The newest commit of a data set that has Parquet files, or of a model with safetensors.

    Raises:
        StudyError: there is none.
    """
    if kind == "models":
        return _commit(Repository("model", name, NEWEST, endpoint, **how), ".safetensors")
    repository = Repository("dataset", name, NEWEST, endpoint, **how)
    try:
        return _commit(repository, ".parquet")
    except NoSuchFiles:
        return _commit(Repository("dataset", name, CONVERTED, endpoint, **how), ".parquet")


class NoSuchFiles(StudyError):  # noqa: N818 (a state, as in the sentence)
    """A revision has no file of the kind that is needed."""


def _commit(repository: Repository, ending: str) -> str:
    info = repository.info()
    if not any(file.rfilename.endswith(ending) for file in info.siblings or []):
        raise NoSuchFiles(
            f"{repository.name} has no {ending} files on its branch {repository.revision}; choose "
            "another one, or put the files into a folder (`source: folder`)."
        )
    if not COMMIT.fullmatch(info.sha or ""):
        raise StudyError(f"the Hub gives no commit for {repository.name} but '{info.sha}'.")
    return info.sha
