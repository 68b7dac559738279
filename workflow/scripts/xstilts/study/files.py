"""Files that appear whole or not at all, and their digests."""

import hashlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes in hexadecimal, read piece by piece."""
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then give it its name in one step.

    The temporary name is unique: after Snakemake alone was killed, an orphaned job may write the
    same file as its successor. The content is on the disk before the name is: after a power loss
    the file is as it was, or whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # safetensors makes files that their owner alone can read; keep the user's own default.
        temporary.touch()
        mode = temporary.stat().st_mode
        write(temporary)
        temporary.chmod(mode)
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
