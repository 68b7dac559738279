"""Receipts: what came out of a run, published last, so that a run without one does not exist."""

import json
from pathlib import Path
from typing import Any

from xstilts.study.errors import StudyError
from xstilts.study.files import file_sha256, write_atomically

NAME = "receipt.json"


def publish(folder: Path, receipt: dict[str, Any]) -> None:
    """Write the receipt of the run in `folder`; every file that it names must be there already."""
    text = json.dumps(receipt, indent=1, sort_keys=True, ensure_ascii=False)
    write_atomically(folder / NAME, lambda file: file.write_text(text + "\n", encoding="utf-8"))


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
