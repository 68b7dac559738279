"""Files that appear whole or not at all, and their digests."""

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xstilts.core.errors import StudyError

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# Where a disk with less room left counts as full: less than one block of any file system.
FULL = 1 << 16
# What the digests of data files were when they were last read, so that a dry run is quick.
DIGESTS = Path("results/.file-digests.json")
RUN_AGAIN = f"run again; should that say the same, delete {DIGESTS}, where digests are remembered"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal, read piece by piece."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def check_unchanged(
    folder: Path | str | None, promised: Mapping[str, str], remedy: str = RUN_AGAIN
) -> None:
    """Whether the files in `folder` are those whose SHA-256 a recipe was named after.

    Raises:
        StudyError: one has changed or is gone.
    """
    for name, sha256 in promised.items():
        path = Path(folder or "", name)
        if not path.is_file() or file_sha256(path) != sha256:
            raise StudyError(
                f"{path} is no longer the file that the study was planned with: {remedy}."
            )


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then give it its name in one step.

    The temporary name is unique: after Snakemake alone was killed, an orphaned job may write the
    same file as its successor. The content is on the disk before the name is: after a power loss
    the file is as it was, or whole.

    Raises:
        StudyError: the disk is full, over quota or read-only.
    """
    with written_whole(path) as temporary:
        write(temporary)


def write_text(path: Path, text: str) -> None:
    """As `write_atomically`, of a text in UTF-8 with the line ends that it has."""
    write_atomically(path, lambda file: file.write_bytes(text.encode()))


def json_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file, as `write_memory` writes it; empty where there is none."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def write_memory(memory: Path, known: Mapping[str, Any]) -> None:
    """Keep what was learnt; a folder that cannot be written only costs learning it again."""
    with suppress(OSError, StudyError):
        write_text(memory, json.dumps(known, indent=0, sort_keys=True))


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """As `write_atomically`, of a file that is filled within the block; yields where."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # safetensors makes files that their owner alone can read; keep the user's own default.
        temporary.touch()
        mode = temporary.stat().st_mode
        yield temporary
        temporary.chmod(mode)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    except Exception as error:
        reason = _failure(error, path.parent)
        if reason is None:
            raise
        raise StudyError(
            f"{path} cannot be written ({reason}): nothing is damaged; mend that and run again."
        ) from error
    finally:
        # On a disk that has become read-only there is nothing to delete either.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def link_or_copy(source: Path, target: Path) -> None:
    """Give the content of `source` the name `target` too; copied only where it must be.

    A second name for the same bytes costs no room, which counts for weights of gigabytes.
    """
    real = source.resolve()
    with written_whole(target) as temporary:
        temporary.unlink()
        try:
            os.link(real, temporary)
        except OSError:
            shutil.copyfile(real, temporary)


def _failure(error: Exception, folder: Path) -> str | None:
    """What the system said when it had no room, or None if the error is another one."""
    # safetensors hands the system's errors on as text, numpy only says how much it could write.
    said = re.search(r"\(os error (\d+)\)", str(error))
    number = int(said[1]) if said else getattr(error, "errno", None)
    if number is None and isinstance(error, OSError) and folder.is_dir():
        number = errno.ENOSPC if shutil.disk_usage(folder).free < FULL else None
    return os.strerror(number) if number in NO_ROOM else None
