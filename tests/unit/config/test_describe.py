"""config/README.md and the schemas are what the typed config says, and complete."""

import re
import subprocess
import sys

import pytest

from xstilts.config import describe
from xstilts.config.json_schema import json_schema


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
def text() -> str:
    return describe.readme()


@pytest.mark.parametrize("path", [describe.README, *describe.SCHEMAS], ids=str)
def test_committed_file_is_up_to_date(root, path):
    assert (root / path).read_text(encoding="utf-8") == describe.written()[path], (
        "run `python -m xstilts.config.describe` from the repository's root"
    )


@pytest.mark.parametrize("section", describe.SCHEMAS.values())
def test_every_key_has_a_row(text, section):
    rows = set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE))
    keys = keys_of(json_schema(section))
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


def test_command_line_writes_what_is_out_of_date(root, tmp_path):
    def run(*words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "xstilts.config.describe", *words],
            cwd=tmp_path,
            env={"PYTHONPATH": str(root / "workflow/scripts"), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
        )

    for path in describe.written():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((root / path).read_bytes())
    assert (run("--check").returncode, run("--check").stdout) == (0, "")
    (tmp_path / describe.README).write_text("old")
    checked = run("--check")
    assert (checked.returncode, checked.stdout) == (1, "config/README.md\n")
    assert (tmp_path / describe.README).read_text() == "old"
    assert run().stdout == "config/README.md\n"
    assert run("--check").returncode == 0
