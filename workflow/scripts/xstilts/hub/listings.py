"""File names that somebody else chose, checked before one becomes a path on this machine."""

from collections.abc import Iterable
from pathlib import PurePosixPath, PureWindowsPath

from xstilts.core.errors import StudyError


def checked_names(names: Iterable[object], where: str) -> list[str]:
    """`names`, once all of them stay inside the folder that they will be written to.

    Raises:
        StudyError: one is no text, is absolute, climbs out by `..`, or holds control characters.
    """
    entries = list(names)
    for name in entries:
        if not isinstance(name, str) or not _stays_inside(name):
            raise StudyError(
                f"{where} lists a file called {name!r}, which would lie outside its folder: "
                "nothing was fetched; choose another revision, and tell its owner."
            )
    return [str(name) for name in entries]


def _stays_inside(name: str) -> bool:
    # Both readings: what is harmless on Linux may not be on another system that shares a cache.
    parts = {*PurePosixPath(name).parts, *PureWindowsPath(name).parts}
    rooted = PurePosixPath(name).is_absolute() or PureWindowsPath(name).anchor
    return bool(parts) and not rooted and ".." not in parts and name.isprintable()
