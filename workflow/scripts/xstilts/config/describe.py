"""What is written from the typed config: workflow/schemas, and config/README.md around describe.md.

`python -m xstilts.config.describe` writes them; with `--check` it says which are out of date.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from xstilts.config.json_schema import json_schema, resolved
from xstilts.config.schema.fields import Section
from xstilts.config.schema.sheet import TaskSheet
from xstilts.config.schema.study import Study

Part = dict[str, Any]

README = Path("config/README.md")
SCHEMAS: dict[Path, type[Section]] = {
    Path("workflow/schemas/config.schema.yaml"): Study,
    Path("workflow/schemas/task.schema.yaml"): TaskSheet,
}
HEAD = "# Written by `python -m xstilts.config.describe` from the classes in {package}.\n"
PACKAGE = "workflow/scripts/xstilts/config/schema"

TEXT = Path(__file__).with_suffix(".md")

WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "`true` or `false`",
    "null": "`null`",
    "object": "keys below",
}
BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
}


def _value(value: Any) -> str:
    if isinstance(value, float) and value < 1e-3:
        mantissa, exponent = f"{value:e}".split("e")
        return f"`{float(mantissa)}e{int(exponent)}`"  # with a point, as YAML needs it
    return f"`{value if isinstance(value, str) and value else json.dumps(value)}`"


def _prose(text: str) -> str:
    """`text` on one line, in which Markdown sees nothing but code between backticks."""
    parts = " ".join(text.split()).split("`")
    plain = str.maketrans({"<": "&lt;", "*": r"\*", "|": r"\|"})
    return "`".join(p if i % 2 else p.translate(plain) for i, p in enumerate(parts))


def _kind(part: Part, schema: Part) -> str:
    """What a value of `part` may be, in words."""
    part = resolved(part, schema)
    if "const" in part:
        return _value(part["const"])
    if "enum" in part:
        return ", ".join(_value(item) for item in part["enum"])
    for key in ("anyOf", "oneOf"):
        if key in part:
            return " or ".join(_kind(item, schema) for item in part[key])
    if "properties" not in part and any(item.get("type") == "string" for item in _by_key(part)):
        return "text by key"
    if {item.get("type") for item in _by_key(part)} == {"number"}:
        return "number by key"
    types = [part["type"]] if isinstance(part["type"], str) else part["type"]
    words = [
        f"list of {_kind(part['items'], schema)}" if name == "array" else WORDS[name]
        for name in types
    ]
    bounds = [f"{word} {part[key]}" for key, word in BOUNDS.items() if key in part]
    return ", ".join([" or ".join(words), *bounds])


def _by_key(part: Part) -> list[Part]:
    """What a mapping with keys of its writer's choice holds."""
    others = [part.get("additionalProperties"), *part.get("patternProperties", {}).values()]
    return [item for item in others if isinstance(item, dict)]


def _objects(path: str, part: Part, schema: Part) -> Iterator[tuple[str, Part]]:
    """Objects with keys of their own that `part` is, holds or lists, with their names."""
    part = resolved(part, schema)
    if "properties" in part:
        yield path, part
    for option in [*part.get("anyOf", []), *part.get("oneOf", [])]:
        yield from _objects(path, {"description": part["description"], **option}, schema)
    if isinstance(part.get("items"), dict):
        yield from _objects(f"{path}[]", part["items"], schema)
    for item in _by_key(part):
        named = {"description": part["description"], **item}
        yield from _objects(f"{path}.<name>", named, schema)


def _table(part: Part, schema: Part) -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for key, item in part["properties"].items():
        default = _value(item["default"]) if "default" in item else ""
        if key in part.get("required", []):
            default = "required"
        about = _prose(resolved(item, schema)["description"])
        yield f"| `{key}` | {_kind(item, schema)} | {default} | {about} |"
    yield ""


def _sections(schema: Part) -> Iterator[str]:
    """A table of the top-level keys, then one of every object below; equal ones stand once."""
    yield from _table(schema, schema)
    first: dict[int, str] = {}
    queue = [
        section
        for key, item in schema["properties"].items()
        for section in _objects(key, item, schema)
    ]
    while queue:
        path, part = queue.pop(0)
        same = first.setdefault(id(part["properties"]), path)
        if same != path and same.rpartition(".")[0] == path.rpartition(".")[0]:
            continue
        yield f"### `{path}`\n\n{_prose(part['description'])}\n"
        if same != path:
            yield f"The keys of `{same}`.\n"
            continue
        yield from _table(part, schema)
        inner = [
            section
            for key, item in part["properties"].items()
            for section in _objects(f"{path}.{key}", item, schema)
        ]
        queue = [*inner, *queue]


def readme() -> str:
    """The Markdown of config/README.md."""
    text = TEXT.read_text(encoding="utf-8")
    for placeholder, section in {
        "KEYS_OF_A_STUDY": Study,
        "KEYS_OF_A_TASK_SHEET": TaskSheet,
    }.items():
        text = text.replace(placeholder, "\n".join(_sections(json_schema(section))).strip())
    return text


def schema_text(section: type[Section]) -> str:
    """The YAML of a schema, which editors check files by while they are written."""
    text = yaml.safe_dump(json_schema(section), sort_keys=False, allow_unicode=True, width=100)
    return HEAD.format(package=PACKAGE) + text


def written() -> dict[Path, str]:
    """All files that are written from the classes, with their text."""
    return {README: readme(), **{path: schema_text(kind) for path, kind in SCHEMAS.items()}}


def main() -> None:
    """Write the files into the repository in the working directory."""
    parser = argparse.ArgumentParser(prog="xstilts.config.describe", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="only say which are out of date")
    check = parser.parse_args().check
    stale = {
        path: text
        for path, text in written().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    }
    for path, text in stale.items():
        print(path)
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        sys.exit(1)


if __name__ == "__main__":
    main()
