"""The page of an answer from any table: one file, from inference tables alone."""

import re

import pandas as pd
import pytest
from scenarios import SMALL, Scenario, simulate

from helpers.fast_inference import leave_out_refits
from xstilts.__main__ import main
from xstilts.inference.any_table import SETTINGS


@pytest.fixture(autouse=True)
def few_refits(monkeypatch):
    leave_out_refits(monkeypatch)
    monkeypatch.setitem(SETTINGS, "permutations", 199)


@pytest.fixture(scope="module")
def study():
    return simulate(Scenario(slope=1.0), 5, languages_of=SMALL, languages=8, seeds=2)


def answered(study, folder, capsys, *words) -> tuple[str, str]:
    table = folder / "mine.csv"
    study.gains[["intermediate", "target", "language", "seed", "gain"]].to_csv(table, index=False)
    assert main(["answer", str(table), "--output", str(folder / "out"), *words]) == 0
    return (folder / "out" / "answer.html").read_text(), capsys.readouterr().out


def test_the_page_says_the_answer_and_loads_nothing(study, tmp_path, capsys):
    similarity = tmp_path / "s.csv"
    study.similarity[["intermediate", "target", "similarity"]].to_csv(similarity, index=False)
    page, said = answered(study, tmp_path, capsys, "--similarity", str(similarity))
    answer, limits, *problems, place = said.strip().splitlines()
    assert place.endswith("answer.html")
    for sentence in (answer, limits, *problems):
        assert sentence.replace("'", "&#39;") in page
    assert "mine.csv" in page and "9 intermediate tasks × 6 target tasks" in page
    for name in ("effects", "similarity_gain", "target_slopes", "selection"):
        assert f'id="figure-{name}"' in page, name
    assert "named in the config" not in page
    without_scripts = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', without_scripts)
    assert "<script src" not in page
    assert [each for each in loaded if each != "data:,"] == []


def test_without_similarity_there_is_a_page_too(study, tmp_path, capsys):
    page, said = answered(study, tmp_path, capsys)
    assert "none is given" in said and "none is given" in page
    assert 'id="figure-variance"' in page and 'id="figure-effects"' not in page


def test_a_table_too_small_for_anything_has_a_page(tmp_path, capsys):
    table = tmp_path / "small.csv"
    pd.DataFrame(
        {"source": ["a", "b", "c"], "target": ["t", "t", "u"], "score": [1.0, 2.0, 3.0]}
    ).to_csv(table, index=False)
    assert main(["answer", str(table), "--output", str(tmp_path / "out")]) == 0
    assert "No test of similarity" in capsys.readouterr().out
    assert "no pair of tasks" in (tmp_path / "out" / "answer.html").read_text()
