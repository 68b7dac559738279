"""What stands one object a file in a package: its names are those of the files."""

import pkgutil
from importlib import import_module
from typing import Any

from xstilts.core.errors import StudyError, nearest

# Says what each object of a package has to be, and is none.
PROTOCOL = "protocol"


def object_names(package: str) -> list[str]:
    """Names of the objects in `package` ("xstilts.kinds"), in alphabetical order."""
    modules = pkgutil.iter_modules(import_module(package).__path__)
    return sorted(module.name for module in modules
                  if not module.ispkg and module.name != PROTOCOL)  # fmt: skip


def object_of(package: str, name: str, constant: str, what: str) -> Any:
    """The `constant` ("KIND") of the module `name` in `package`, an object of the sort `what`.

    `package` ends with a dot ("xstilts.kinds."), by which a digest of code sees that of its modules
    only those count that a recipe names (`plan.code`).

    Raises:
        StudyError: there is no module of this name.
    """
    check_known(name, object_names(package.rstrip(".")), what)
    return getattr(import_module(package + name), constant)


def check_known(name: str, known: list[str], what: str) -> None:
    """Whether `name` is among the `known` names of `what` ("kind of task").

    Raises:
        StudyError: it is not.
    """
    if name not in known:
        raise StudyError(f"There is no {what} '{name}'; {nearest(name, known)}")
