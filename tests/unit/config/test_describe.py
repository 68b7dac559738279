"""config/README.md is what the schemas say, and complete."""

import re
import subprocess
import sys

import pytest

from xstilts.config import describe
from xstilts.config.validation import read_yaml


def keys_of(schema: dict) -> set[str]:
    """All property names at any depth."""
    found: set[str] = set()
    if isinstance(schema, dict):
        properties = schema.get("properties", {})
        found |= set(properties)
        for part in [*schema.values(), *properties.values()]:
            found |= keys_of(part)
    elif isinstance(schema, list):
        for part in schema:
            found |= keys_of(part)
    return found


@pytest.fixture(scope="session")
def text(root) -> str:
    return describe.readme(root)


def test_committed_file_is_up_to_date(root, text):
    assert (root / describe.README).read_text(encoding="utf-8") == text, (
        "run `python -m xstilts.config.describe --write` from the repository's root"
    )


@pytest.mark.parametrize("schema", ["config", "task"])
def test_every_key_has_a_row(root, text, schema):
    rows = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
    keys = keys_of(read_yaml(root / describe.SCHEMAS / f"{schema}.schema.yaml"))
    assert keys - {"properties"} <= rows


def test_rows_are_whole(text):
    for line in text.splitlines():
        if line.startswith("| `"):
            assert len(re.split(r"(?<!\\)\|", line)) == 6, line


def test_rows_show_values_defaults_and_meaning(text):
    assert "| `seeds` | list of whole number, at least 0, at most 4294967295 | `[1]` |" in text
    assert "| `study` | text | required |" in text
    assert "| `languages` | `all` or list of text | `all` |" in text
    assert "| `layers` | whole number or `null`, at least 1 | `null` |" in text
    assert "| `learning_rate` | number, above 0 | `1.0e-5` |" in text


def test_every_study_that_ships_is_named(root, text):
    for path in (root / "config").glob("*[!k].yaml"):  # not the lock of revisions
        assert f"[{path.name}]({path.name})" in text


def test_command_line_prints_the_file(root, text):
    ended = subprocess.run(
        [sys.executable, "-m", "xstilts.config.describe"],
        cwd=root,
        env={"PYTHONPATH": "workflow/scripts", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    assert ended.stdout.decode() == text
