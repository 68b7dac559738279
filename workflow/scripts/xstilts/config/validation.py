"""A file's content as its section of keys says, or one clear sentence on the first mistake."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from xstilts.config.json_schema import description_of, keys_of
from xstilts.config.schema.fields import Section
from xstilts.config.yaml_traps import WORDS, check_keys, check_text_keys
from xstilts.core.errors import StudyError, nearest

SEE = "see config/README.md"
# What pydantic calls a mistake -> JSON's name of the type that is wanted.
TYPES = {
    "string_type": "string", "int_type": "integer", "int_from_float": "integer",
    "float_type": "number", "bool_type": "boolean", "list_type": "array", "dict_type": "object",
    "model_type": "object",
}  # fmt: skip
BOUNDS = {
    "greater_than": ("gt", "is less than or equal to the minimum of"),
    "greater_than_equal": ("ge", "is less than the minimum of"),
    "less_than": ("lt", "is greater than or equal to the maximum of"),
    "less_than_equal": ("le", "is greater than the maximum of"),
}


def read_yaml(path: Path) -> Any:
    """The content of a YAML file.

    Raises:
        StudyError: the file is missing or is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        check_keys(text, str(path))
        return yaml.load(text, Loader=_Loader)
    except FileNotFoundError:
        raise StudyError(f"{path} does not exist.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise StudyError(f"{path} is not valid YAML: {reason}.") from None


# libyaml reads the sheets ten times faster, which a dry run notices.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def validate(value: Any, section: type[Section], where: str) -> dict[str, Any]:
    """`value` with the defaults of `section` filled in, once it is as that says.

    Raises:
        StudyError: it is not; the sentence names `where`, the key and the remedy.
    """
    check_text_keys(value, where)
    try:
        return section.model_validate(value).plain()
    except ValidationError as error:
        raise StudyError(_sentence(error, section, value, where)) from None


def _sentence(error: ValidationError, section: type[Section], value: Any, where: str) -> str:
    """On the mistake that lies least deep, since what lies below it may come of it."""
    mistakes = [(list(_path(mistake, value)), mistake) for mistake in error.errors()]
    # Of a key that takes this or that, what was written is rarely meant as the word, and never as
    # what it could not even begin to be.
    others = [path for path, mistake in mistakes if mistake["type"] != "literal_error"]
    mistakes = [
        (path, mistake)
        for path, mistake in mistakes
        if not any(
            other[: len(path)] == path and (mistake["type"] == "literal_error" or other != path)
            for other in others
        )
    ]
    path, mistake = min(mistakes, key=lambda item: len(item[0]))
    return _told(path, mistake, section, where)


def _path(mistake: Any, value: Any) -> Iterator[str | int]:
    """Keys and numbers that lead to a mistake, without pydantic's words for what was tried."""
    *parents, last = mistake["loc"] or ("",)
    for part in (*parents, last):
        inside = isinstance(value, dict) and part in value
        if inside or (isinstance(value, list) and isinstance(part, int)):
            yield part
            value = value[part]


def _told(path: list[str | int], mistake: Any, section: type[Section], where: str) -> str:
    at = ".".join(str(part) for part in path)
    key = f"{where}, key '{at}'" if at else where
    given, kind, rules = mistake["input"], mistake["type"], mistake.get("ctx", {})
    if kind == "extra_forbidden":
        *parents, unknown = path
        known = keys_of(section, parents)
        inside = f" in '{'.'.join(str(part) for part in parents)}'" if parents else ""
        return f"{where}: unknown key '{unknown}'{inside}; {nearest(str(unknown), known)}"
    if kind == "missing":
        return f"{key}: the key '{mistake['loc'][-1]}' is missing; add it ({SEE})."
    if isinstance(given, bool) and kind in ("string_type", "literal_error", "list_type"):
        return (
            f"{key}: YAML reads {WORDS} as truth values, and here is {str(given).lower()}; put "
            "it in quotes."
        )
    if kind == "finite_number":
        return f"{key}: {given} is no usable number; write a finite one."
    about = description_of(section, path) or SEE
    if kind == "literal_error":
        choices = [word.strip("'") for word in rules["expected"].replace(" or ", ", ").split(", ")]
        return f"{key}: '{given}' is not possible; {nearest(str(given), choices)}"
    return f"{key}: {_message(mistake, given, rules)}; {about}"


def _message(mistake: Any, given: Any, rules: dict[str, Any]) -> str:
    kind = mistake["type"]
    if kind in TYPES:
        return f"{given!r} is not of type '{TYPES[kind]}'"
    if kind in BOUNDS:
        rule, words = BOUNDS[kind]
        return f"{given} {words} {_number(rules[rule])}"
    if kind == "string_pattern_mismatch":
        return f"{given!r} does not match '{rules['pattern']}'"
    if kind in ("too_short", "string_too_short"):
        least = rules["min_length"]
        return f"{given!r} {'should be non-empty' if least == 1 else 'is too short'}"
    return f"{given!r} {mistake['msg']}"


def _number(limit: float) -> str:
    return str(int(limit) if float(limit).is_integer() else limit)
