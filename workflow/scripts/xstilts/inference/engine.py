"""The package of mixed models as a study uses it: what it refuses is a mistake in the study."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from mixed_models import fit as mixed
from mixed_models import table_input
from mixed_models.errors import ModelError
from xstilts.core.errors import StudyError

P = ParamSpec("P")
R = TypeVar("R")

__all__ = ["column", "fit", "fit_at", "numbers", "read_table"]


def _of_study(function: Callable[P, R]) -> Callable[P, R]:
    """The same function, raising StudyError for ModelError."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ModelError as error:
            raise StudyError(str(error)) from None

    return wrapped


fit = _of_study(mixed.fit)
fit_at = _of_study(mixed.fit_at)
column = _of_study(table_input.column)
numbers = _of_study(table_input.numbers)
read_table = _of_study(table_input.read_table)
