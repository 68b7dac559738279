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


def check_text_keys(value: Any, where: str, at: str = "") -> None:
    """Whether every key of every mapping in `value` is text.

    Raises:
        StudyError: one is not, with the key.
    """
    for key, item in _inside(value):
        if isinstance(value, dict) and not isinstance(key, str):
            raise StudyError(
                f"{where}: the key {key!r}" + (f" in '{at}'" if at else "") + " is no text (YAML "
                f"reads {WORDS} as truth values, digits as numbers); put it in quotes."
            )
        check_text_keys(item, where, f"{at}.{key}" if at else str(key))


def _inside(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
