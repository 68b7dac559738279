"""What stands one object a file in a package: its names are those of the files."""

import pkgutil
from collections.abc import Iterable

from xstilts.core.errors import StudyError, nearest

# Says what each object of a package has to be, and is none.
PROTOCOL = "protocol"


def object_names(folders: Iterable[str]) -> list[str]:
    """Names of the objects in a package with the `__path__` `folders`, in alphabetical order."""
    modules = (module for module in pkgutil.iter_modules(folders) if not module.ispkg)
    return sorted(module.name for module in modules if module.name != PROTOCOL)


def check_known(name: str, known: list[str], what: str) -> None:
    """Whether `name` is among the `known` names of `what` ("kind of task").

    Raises:
        StudyError: it is not.
    """
    if name not in known:
        raise StudyError(f"There is no {what} '{name}'; {nearest(name, known)}")
