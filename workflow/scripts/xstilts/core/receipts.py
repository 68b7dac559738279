"""Receipts: what came out of a run, published last, so that a run without one does not exist."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from xstilts.core.canonical import DIGEST_LENGTH, digest
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256, json_object, write_atomically, write_memory

NAME = "receipt.json"
WITHDRAWN = "receipt.damaged.json"
# Over the receipt's own content, so that a receipt too is known to be whole.
SEAL = "seal"
MEMORY = ".verified.json"
# `<readable name>-<digest of the recipe>`: how every folder of a run is called.
RUN_NAME = re.compile(rf".+-([0-9a-f]{{{DIGEST_LENGTH}}})")


class DamagedRun(StudyError):  # noqa: N818 (a state, as in the sentence)
    """Files of a finished run are gone or have changed.

    Attributes:
        folder: folder of the run.
        fact: what is wrong, without the remedy.
        others: further damaged runs that the same reader came upon.
    """

    def __init__(self, folder: Path, fact: str, others: Iterable["DamagedRun"] = ()) -> None:
        super().__init__(f"{fact}: delete the folder {folder} and run again.")
        self.folder, self.fact, self.others = folder, fact, tuple(others)


# What must hold before a receipt is published, asked of its recipe (`jobs.code_check`).
CONDITIONS: list[Callable[[dict[str, Any]], None]] = []


def publish(folder: Path, receipt: dict[str, Any]) -> None:
    """Write the receipt of the run in `folder`; every file that it names must be there already.

    Raises:
        StudyError: one of `CONDITIONS` does not hold of its recipe.
    """
    for check in CONDITIONS:
        check(receipt.get("recipe") or {})
    plain = json.loads(json.dumps(receipt))
    text = json.dumps(plain | {SEAL: _seal(plain)}, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(folder / NAME, lambda file: file.write_text(text + "\n", encoding="utf-8"))


def read_receipt(folder: Path) -> dict[str, Any]:
    """The receipt of the run in `folder`.

    Raises:
        StudyError: there is none.
        DamagedRun: it is not as it was written, or is that of another run.
    """
    path = folder / NAME
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{folder} has no receipt: the run is not finished.") from None
    except OSError as error:
        # A folder of this name, or a file that nobody may read.
        raise DamagedRun(folder, f"{path} cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise DamagedRun(folder, f"{path} cannot be read ({error})") from None
    if not isinstance(receipt, dict):
        raise DamagedRun(folder, f"{path} is no receipt")
    if receipt.pop(SEAL, None) != _seal(receipt):
        raise DamagedRun(folder, f"{path} has changed since it was written")
    _check_name(folder, receipt)
    return receipt


def read_receipts(folders: Iterable[Path]) -> dict[Path, dict[str, Any]]:
    """The receipts of several runs, each read once, by folder.

    Raises:
        StudyError: a run has none.
        DamagedRun: as `read_receipt`; names all that are damaged, so that all are made at once.
    """
    receipts, damaged = {}, []
    for folder in dict.fromkeys(folders):
        try:
            receipts[folder] = read_receipt(folder)
        except DamagedRun as error:
            damaged.append(error)
    raise_damaged(damaged)
    return receipts


def raise_damaged(damaged: list[DamagedRun]) -> None:
    """Raise the first of `damaged`, which then names the others; nothing if there is none."""
    if damaged:
        raise DamagedRun(damaged[0].folder, damaged[0].fact, damaged[1:])


def _check_name(folder: Path, receipt: dict[str, Any]) -> None:
    """Whether the receipt is that of this folder and was not copied or moved here from another."""
    named = RUN_NAME.fullmatch(Path(folder).resolve().name)
    if named and digest(receipt.get("recipe")) != named[1]:
        raise DamagedRun(
            folder, f"{folder / NAME} is the receipt of another run (its recipe has another digest)"
        )


def _seal(receipt: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(receipt, sort_keys=True).encode()).hexdigest()


def verify(folder: Path, receipt: dict[str, Any], *, remember: bool = True) -> None:
    """Compare the files of a run with the SHA-256 that its receipt holds.

    A file that was found whole once is not read again for as long as its inode says that nobody
    has written to it; without `remember` it is.

    Raises:
        DamagedRun: a file is missing or its bytes have changed.
    """
    known = json_object(folder / MEMORY) if remember else {}
    states = {}
    for name, expected in receipt.get("files", {}).items():
        path = folder / name
        state = _state(path, expected)
        if state is None or (known.get(name) != state and file_sha256(path) != expected):
            raise DamagedRun(
                folder, f"{path} is missing or damaged (its SHA-256 is not the receipt's)"
            )
        states[name] = state
    if remember and states != known:
        write_memory(folder / MEMORY, states)


def withdraw(folder: Path) -> bool:
    """Take the receipt of a damaged run away, so that the run is made anew; whether it is gone."""
    try:
        (folder / MEMORY).unlink(missing_ok=True)
        (folder / NAME).replace(folder / WITHDRAWN)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _state(path: Path, sha256: str) -> list[Any] | None:
    """What changes when somebody writes to the file: ctime cannot be set back."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [sha256, status.st_size, status.st_ino, status.st_mtime_ns, status.st_ctime_ns]
