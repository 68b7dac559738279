"""What the README and the guides say, held against the workflow."""

import re
from pathlib import Path

import pytest
import yaml

from helpers.table_rules import TABLES
from xstilts.plan.grid import Study

ROOT = Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]


def test_job_counts_of_the_demo(root: Path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = Study(yaml.safe_load((root / "config" / "config.yaml").read_text()), root)
    runs = {stage: len(found) for stage, found in study.runs.items() if found}
    text = (root / "docs" / "demo.md").read_text()
    said = dict(re.findall(r"^\| (\w+) \| (\d+) \|", text, re.M))
    assert {stage: int(said[stage]) for stage in runs} == runs
    assert int(said["tables"]) == len(TABLES)


@pytest.mark.parametrize("page", PAGES)
def test_files_it_names_are_there(root: Path, page):
    for target in re.findall(r"\]\(([^)#]+)\)", (root / page).read_text()):
        if not target.startswith("http"):
            assert ((root / page).parent / target).exists(), target


def test_the_readme_is_short(root: Path):
    """Half of what it was; the rest is in docs/."""
    assert len((root / "README.md").read_text().splitlines()) <= 125
