"""JSON Schema validation with defaults and one clear sentence per mistake."""

import copy
import json
import math
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from xstilts.config.yaml_traps import check_keys
from xstilts.core.errors import StudyError, nearest


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


def with_defaults(value: Any, schema: dict[str, Any]) -> Any:
    """A deep copy of `value` in which every missing key has its schema's default."""
    if not isinstance(value, dict):
        return copy.deepcopy(value)
    filled = {key: copy.deepcopy(item) for key, item in value.items()}
    for key, part in schema.get("properties", {}).items():
        if key not in filled and "default" in part:
            filled[key] = copy.deepcopy(part["default"])
        if isinstance(filled.get(key), dict):
            filled[key] = with_defaults(filled[key], part)
    return filled


def _sentence(error: ValidationError, where: str) -> str:
    at = ".".join(str(part) for part in error.absolute_path)
    place = f"{where}, key '{at}'" if at else where
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = sorted(str(key) for key in error.instance if key not in known)
        inside = f" in '{at}'" if at else ""
        return f"{where}: unknown key '{unknown[0]}'{inside}; {nearest(unknown[0], known)}"
    if error.validator == "required":
        missing = next(key for key in error.validator_value if key not in error.instance)
        return f"{place}: the key '{missing}' is missing; add it (see config/README.md)."
    if error.validator == "enum":
        hint = nearest(str(error.instance), [str(item) for item in error.validator_value])
        return f"{place}: '{error.instance}' is not possible; {hint}"
    return f"{place}: {error.message}; {error.schema.get('description', 'see config/README.md')}"


def with_numbers(value: Any, schema: dict[str, Any]) -> Any:
    """`value` in which text stands for the number or truth value that its schema asks for.

    YAML reads 1e-5 as text, and Snakemake every number inside `--config key={...}` or `key=[...]`.
    """
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        rest = others if isinstance(others, dict) else {}
        return {key: with_numbers(item, known.get(key, rest)) for key, item in value.items()}
    if isinstance(value, list):
        return [with_numbers(item, schema.get("items", {})) for item in value]
    if isinstance(value, str) and "type" in schema and "string" not in schema["type"]:
        try:
            number = json.loads(value.lower())
        except ValueError:
            return value
        return value if isinstance(number, dict | list) else number
    return value


def _check_finite(value: Any, where: str, at: str = "") -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise StudyError(f"{where}, key '{at}': {value} is no usable number; write a finite one.")
    items = value.items() if isinstance(value, dict) else ()
    for key, item in items:
        _check_finite(item, where, f"{at}.{key}" if at else str(key))


def validate(value: Any, schema: dict[str, Any], where: str) -> Any:
    """`value` with defaults filled in, once it satisfies `schema`.

    Raises:
        StudyError: it does not; the sentence names `where`, the key and the remedy.
    """
    value = with_numbers(value, schema)
    error = best_match(Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        raise StudyError(_sentence(error, where))
    _check_finite(value, where)
    return with_defaults(value, schema)
