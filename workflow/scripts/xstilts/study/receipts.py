"""Receipts: what came out of a run, published last, so that a run without one does not exist."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from xstilts.study.errors import StudyError

NAME = "receipt.json"


def write_atomically(path: Path, text: str) -> None:
    """Write `text` so that `path` is either absent, as it was, or whole.

    The temporary name is unique: after Snakemake alone was killed, an orphaned job may write
    the same file as its successor.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hexadecimal text."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def publish(folder: Path, receipt: dict[str, Any]) -> None:
    """Write the receipt of the run in `folder`; every file that it names must be there already."""
    text = json.dumps(receipt, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(folder / NAME, text + "\n")


def read_receipt(folder: Path) -> dict[str, Any]:
    """The receipt of the run in `folder`.

    Raises:
        StudyError: there is none, or it is not readable.
    """
    path = folder / NAME
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyError(f"{folder} has no receipt: the run is not finished.") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise StudyError(
            f"{path} cannot be read ({error}): delete the folder {folder} and run again."
        ) from None
    if not isinstance(receipt, dict):
        raise StudyError(f"{path} is no receipt: delete the folder {folder} and run again.")
    return receipt


def verify(folder: Path, receipt: dict[str, Any]) -> None:
    """Compare the files of a run with the SHA-256 that its receipt holds.

    Raises:
        StudyError: a file is missing or its bytes have changed.
    """
    for name, expected in receipt.get("files", {}).items():
        path = folder / name
        if not path.is_file() or file_sha256(path) != expected:
            raise StudyError(
                f"{path} is missing or damaged (its SHA-256 is not the receipt's): "
                f"delete the folder {folder} and run again."
            )
