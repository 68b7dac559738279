"""config/README.md: the text of describe.md, with the keys from the schemas.

`python -m xstilts.config.describe` prints it, with `--write` into the file.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.config.validation import read_yaml

Part = dict[str, Any]

README = Path("config/README.md")
SCHEMAS = Path("workflow/schemas")

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


def _resolved(part: Part, schema: Part) -> Part:
    if "$ref" not in part:
        return part
    return {**schema["$defs"][part["$ref"].rpartition("/")[2]], **part}


def _kind(part: Part, schema: Part) -> str:
    """What a value of `part` may be, in words."""
    part = _resolved(part, schema)
    if "const" in part:
        return _value(part["const"])
    if "enum" in part:
        return ", ".join(_value(item) for item in part["enum"])
    for key in ("anyOf", "oneOf"):
        if key in part:
            return " or ".join(_kind(item, schema) for item in part[key])
    if "properties" not in part and part.get("additionalProperties", {}).get("type") == "string":
        return "text by key"
    types = [part["type"]] if isinstance(part["type"], str) else part["type"]
    words = [
        f"list of {_kind(part['items'], schema)}" if name == "array" else WORDS[name]
        for name in types
    ]
    bounds = [f"{word} {part[key]}" for key, word in BOUNDS.items() if key in part]
    return ", ".join([" or ".join(words), *bounds])


def _objects(path: str, part: Part, schema: Part) -> Iterator[tuple[str, Part]]:
    """Objects with keys of their own that `part` is, holds or lists, with their names."""
    part = _resolved(part, schema)
    if "properties" in part:
        yield path, part
    for option in [*part.get("anyOf", []), *part.get("oneOf", [])]:
        yield from _objects(path, {"description": part["description"], **option}, schema)
    if isinstance(part.get("items"), dict):
        yield from _objects(f"{path}[]", part["items"], schema)
    if isinstance(part.get("additionalProperties"), dict):
        named = {"description": part["description"], **part["additionalProperties"]}
        yield from _objects(f"{path}.<name>", named, schema)


def _table(part: Part, schema: Part) -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for key, item in part["properties"].items():
        default = _value(item["default"]) if "default" in item else ""
        if key in part.get("required", []):
            default = "required"
        about = _prose(_resolved(item, schema)["description"])
        yield f"| `{key}` | {_kind(item, schema)} | {default} | {about} |"
    yield ""


def _sections(schema: Part) -> Iterator[str]:
    """A table of the top-level keys, then one of every object below; equal ones stand once."""
    yield from _table(schema, schema)
    first: dict[int, str] = {}
    queue = [
        found for key, item in schema["properties"].items() for found in _objects(key, item, schema)
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
            found
            for key, item in part["properties"].items()
            for found in _objects(f"{path}.{key}", item, schema)
        ]
        queue = [*inner, *queue]


def readme(root: Path) -> str:
    """The Markdown of config/README.md of the repository at `root`."""
    config = read_yaml(root / SCHEMAS / "config.schema.yaml")
    sheet = read_yaml(root / SCHEMAS / "task.schema.yaml")
    text = TEXT.read_text(encoding="utf-8")
    for place, schema in {"KEYS_OF_A_STUDY": config, "KEYS_OF_A_TASK_SHEET": sheet}.items():
        text = text.replace(place, "\n".join(_sections(schema)).strip())
    return text


def main() -> None:
    """Print the Markdown, or write it with --write, for the repository in the working directory."""
    parser = argparse.ArgumentParser(prog="xstilts.config.describe", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {README}")
    text = readme(Path())
    if parser.parse_args().write:
        README.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
