"""The rules read well: Snakemake's linter, its formatter, and one script of the same name each."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

# Only collects files.
WITHOUT_SCRIPT = {"all"}


@pytest.fixture(scope="session")
def rules(root: Path) -> dict[str, str]:
    """The text of every rule, by name."""
    paths = [root / "workflow" / "Snakefile", *sorted((root / "workflow" / "rules").glob("*.smk"))]
    parts = [re.split(r"^rule (\w+):$", path.read_text(), flags=re.MULTILINE) for path in paths]
    return {
        name: text
        for part in parts
        for name, text in zip(part[1::2], part[2::2], strict=True)
    }  # fmt: skip


def test_every_rule_runs_the_script_of_its_name(root, rules):
    for name in rules.keys() - WITHOUT_SCRIPT:
        (script,) = re.findall(r'script:\s+"([^"]+)"', rules[name])
        assert script == f"../scripts/{name}.py"
        assert (root / "workflow" / "rules" / script).is_file()


def test_every_script_belongs_to_a_rule(root, rules):
    scripts = {path.stem for path in (root / "workflow" / "scripts").glob("*.py")}
    assert scripts == rules.keys() - WITHOUT_SCRIPT


@pytest.mark.parametrize("directive", ["log", "conda", "resources", "message", "output"])
def test_every_rule_says_what_it_needs(rules, directive):
    lacking = [name for name, text in rules.items() if f"    {directive}:\n" not in text]
    # These do their work whenever they are asked for.
    expected = WITHOUT_SCRIPT | ({"pin", "data_report"} if directive == "output" else set())
    assert set(lacking) == expected


def test_no_rule_has_code_of_its_own(rules):
    # Only scripts are covered by the digest of code in a run's name.
    for name, text in rules.items():
        assert not re.search(r"^    (run|shell):", text, flags=re.MULTILINE), name


def test_every_file_of_rules_is_included(root):
    included = set(
        re.findall(r'include: "rules/(\w+\.smk)"', (root / "workflow" / "Snakefile").read_text())
    )
    assert included == {path.name for path in (root / "workflow" / "rules").glob("*.smk")}


def test_captions_and_environments_are_there(root, rules):
    named = [
        path
        for text in rules.values()
        for path in re.findall(r'"(\.\./[^"{]+\.(?:rst|yaml))"', text)
    ]
    assert named
    for path in named:
        assert (root / "workflow" / "rules" / path).is_file(), path


def test_format(root):
    command = [sys.executable, "-m", "snakefmt", "--check", "workflow"]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr


def test_lint(snakemake, study_file):
    ended = snakemake("--lint", "--configfile", study_file())
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "your workflow is in a good condition" in ended.stdout + ended.stderr
