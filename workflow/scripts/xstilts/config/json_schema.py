"""JSON Schema of a section of keys: for editors, messages and config/README.md."""

from functools import lru_cache
from typing import Any

from xstilts.config.schema.fields import Section

Part = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
# pydantic leaves these as they are where a number is also read from text.
RULES = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


@lru_cache(maxsize=8)
def json_schema(section: type[Section]) -> Part:
    """The schema of a file that holds `section`."""
    made = section.model_json_schema()
    definitions = {"$defs": made.pop("$defs")} if "$defs" in made else {}
    return {"$schema": DIALECT, "title": section.__name__, **_tidy(made), **_tidy(definitions)}


def _tidy(part: Any) -> Any:
    """Closed, without titles, with null beside a type, and descriptions on one line."""
    if isinstance(part, list):
        return [_tidy(item) for item in part]
    if not isinstance(part, dict):
        return part
    tidy: Part = {
        RULES.get(str(key), str(key)): {name: _tidy(inner) for name, inner in item.items()}
        if key in ("properties", "$defs")
        else _tidy(item)
        for key, item in part.items()
        if not (key == "title" and isinstance(item, str))
    }
    if "description" in tidy:
        tidy["description"] = " ".join(tidy["description"].split())
    if "$ref" in tidy and isinstance(tidy.get("default"), dict):
        tidy["default"] = {}
    if "patternProperties" in tidy:
        tidy["additionalProperties"] = False
    options = tidy.get("anyOf", [])
    if len(options) == 2 and options[1] == {"type": "null"} and _takes_null(options[0]):
        kind = {**options[0], "type": [options[0]["type"], "null"]}
        tidy = {**kind, **{key: item for key, item in tidy.items() if key != "anyOf"}}
    return tidy


def _takes_null(part: Part) -> bool:
    return isinstance(part.get("type"), str) and not {"enum", "const"} & set(part)


def resolved(part: Part, schema: Part) -> Part:
    """`part`, with what it refers to in `schema`; its own words go first."""
    if "$ref" not in part:
        return part
    return {**schema["$defs"][part["$ref"].rpartition("/")[2]], **part}


def _at(section: type[Section], path: list[str | int]) -> Part:
    """What the schema says of the key that `path` leads to; nothing of none."""
    schema = json_schema(section)
    part = schema
    for key in path:
        options = [resolved(option, schema) for option in [part, *part.get("anyOf", [])]]
        below = [_below(option, key) for option in options]
        part = resolved(next((item for item in below if item), {}), schema)
    return part


def _below(part: Part, key: str | int) -> Part:
    if isinstance(key, int):
        return part.get("items") or {}
    inside = part.get("properties", {}).get(key) or part.get("additionalProperties")
    return inside or next(iter(part.get("patternProperties", {}).values()), {})


def keys_of(section: type[Section], path: list[str | int]) -> list[str]:
    """The keys that are possible below `path`."""
    schema = json_schema(section)
    part = _at(section, path)
    options = [resolved(option, schema) for option in [part, *part.get("anyOf", [])]]
    return [key for option in options for key in option.get("properties", {})]


def description_of(section: type[Section], path: list[str | int]) -> str:
    """What the key that `path` leads to means; "" where it is an item of a list."""
    return str(_at(section, path).get("description", ""))
