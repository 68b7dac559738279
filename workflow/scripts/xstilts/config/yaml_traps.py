"""What YAML reads otherwise than its writer meant, told with the lines of the file."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from xstilts.core.errors import StudyError

# YAML 1.1 reads these words as truth values, Norway's code among them.
WORDS = "no, off, yes and on"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def check_files(paths: Iterable[Path]) -> None:
    """Whether no mapping in these YAML (or JSON) files has a key twice.

    Raises:
        StudyError: one has, and whoever reads the file would silently take the last.
    """
    for path in paths:
        try:
            text = Path(path).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError):
            continue  # whoever needs its content says so
        check_keys(text, str(path))


def check_keys(text: str, where: str) -> None:
    """As `check_files`, of the `text` of the file called `where`; what is no YAML is let pass."""
    try:
        root = yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError):
        return
    for mapping in _mappings(root):
        lines: dict[str, int] = {}
        for key, _ in mapping.value:
            line = key.start_mark.line + 1
            # `<<` may come twice: it merges.
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in lines:
                    raise StudyError(
                        f"{where}: the key '{key.value}' stands in line {lines[key.value]} and in "
                        f"line {line}, and only the last would count; leave one of them out."
                    )
                lines[key.value] = line


def _mappings(root: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    queue, seen = [root], set()
    while queue:
        node = queue.pop()
        # An anchor may be named many times, or inside itself.
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield node
            queue += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            queue += node.value


def check_words(value: Any, schema: dict[str, Any], where: str, at: str = "") -> None:
    """Whether no key is anything but text, and no truth value stands where a word belongs.

    Raises:
        StudyError: one does, with the key.
    """
    if isinstance(value, bool) and _wants_word(schema):
        raise StudyError(
            f"{where}, key '{at}': YAML reads {WORDS} as truth values, and here is "
            f"{str(value).lower()}; put it in quotes."
        )
    for key, item, part in _inside(value, schema):
        if not isinstance(key, str | int) or (isinstance(value, dict) and not isinstance(key, str)):
            raise StudyError(
                f"{where}: the key {key!r}" + (f" in '{at}'" if at else "") + " is no text (YAML "
                f"reads {WORDS} as truth values, digits as numbers); put it in quotes."
            )
        check_words(item, part, where, f"{at}.{key}" if at else str(key))


def _inside(value: Any, schema: dict[str, Any]) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    if isinstance(value, dict):
        rest = schema.get("additionalProperties")
        for key, item in value.items():
            yield key, item, schema.get("properties", {}).get(key, rest if _is(rest) else {})
    elif isinstance(value, list):
        choices = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
        items = next((one["items"] for one in choices if _is(one.get("items"))), {})
        for number, item in enumerate(value):
            yield number, item, items


def _is(schema: Any) -> bool:
    return isinstance(schema, dict)


def _wants_word(schema: dict[str, Any]) -> bool:
    """Whether a schema takes text, and no truth value."""
    choices = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    kinds = {kind for one in choices for kind in _listed(one.get("type", []))}
    words = [one for one in choices if isinstance(one.get("const"), str) or "enum" in one]
    reference = any("$ref" in one for one in choices)
    return "boolean" not in kinds and ("string" in kinds or bool(words) or reference)


def _listed(kinds: str | list[str]) -> list[str]:
    return [kinds] if isinstance(kinds, str) else kinds
