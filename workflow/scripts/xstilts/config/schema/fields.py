"""What a key may hold, and what a section of keys is."""

import json
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

T = TypeVar("T")


def _read(value: Any) -> Any:
    """The number or truth value that a text stands for.

    YAML reads 1e-5 as text, and Snakemake every number inside `--config key={...}` or `key=[...]`.
    """
    if not isinstance(value, str):
        return value
    try:
        meant = json.loads(value.lower())
    except ValueError:
        return value
    return value if isinstance(meant, dict | list) else meant


def _whole(value: Any) -> Any:
    value = _read(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_written(value: Any, handler: ValidatorFunctionWrapHandler) -> float:
    """3 stays 3, so that it is printed as its writer knows it."""
    value = _read(value)
    checked = handler(value)
    return value if isinstance(value, int) else checked


def _distinct(items: list[T]) -> list[T]:
    if any(item in items[:position] for position, item in enumerate(items)):
        raise PydanticCustomError("not_distinct", "has non-unique elements")
    return items


Text = str
WholeNumber = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, Field(allow_inf_nan=False), WrapValidator(_as_written)]
Truth = Annotated[bool, BeforeValidator(_read)]
Distinct = Annotated[
    list[T], AfterValidator(_distinct), Field(json_schema_extra={"uniqueItems": True})
]
Name = Annotated[str, Field(min_length=1)]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]
Seed = Annotated[WholeNumber, Field(ge=0, le=2**32 - 1)]


def absent(**rules: Any) -> Any:
    """A key of `Overrides`: where it is left out, nothing is said of it."""
    return Field(default=None, **rules)


class Section(BaseModel):
    """Keys with their defaults; no others are possible."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)

    def plain(self) -> dict[str, Any]:
        """Keys and values, sections as dicts, as the rest of the workflow reads them."""
        return {
            field.alias or name: _plain(getattr(self, name))
            for name, field in type(self).model_fields.items()
            if self.tells(name)
        } | {name: _plain(value) for name, value in (self.model_extra or {}).items()}

    def tells(self, name: str) -> bool:
        """Whether the key counts, by its default if it is left out."""
        return True


def _leave_out_defaults(schema: dict[str, Any], kind: type[BaseModel]) -> None:
    """Also those of the section that `kind` goes before."""
    for key, part in schema["properties"].items():
        if key not in kind.__annotations__ or part.get("default", ...) is None:
            part.pop("default", None)


class Overrides(Section):
    """Keys that go before other settings where they are there; they may be those of a section."""

    model_config = ConfigDict(json_schema_extra=_leave_out_defaults)

    def tells(self, name: str) -> bool:
        """Whether the key was written."""
        return name in self.model_fields_set


def _plain(value: Any) -> Any:
    if isinstance(value, Section):
        return value.plain()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
