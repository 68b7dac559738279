"""What the README says of faults and odd inputs is what was counted, and all were survived."""

import re

import pytest


@pytest.fixture
def counted(root):
    """[tried, survived] by mark's title, from the table that the benchmark wrote."""
    text = (root / "benchmarks" / "faults.md").read_text()
    parts = re.findall(r"^## (.+?)$.*?^\| all \| (\d+) \| (\d+) \|$", text, re.M | re.S)
    return {title: (int(tried), int(survived)) for title, tried, survived in parts}


def test_all_were_survived(counted):
    assert set(counted) == {"Faults of machines and people", "Odd and hostile inputs"}
    for tried, survived in counted.values():
        assert tried == survived


def test_the_readme_says_so(root, counted):
    (faults, _), (inputs, _) = counted.values()
    text = " ".join((root / "README.md").read_text().split())
    assert f"{faults} faults" in text
    assert f"{inputs} odd or hostile inputs" in text
