"""`xstilts plan --gains`: a replay from files, by the program's own choice of cells."""

import numpy as np
import pandas as pd
import pytest

from xstilts.__main__ import main
from xstilts.inference.prediction import replay


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A grid of eight sources that similarity and a cheap grid tell something of."""
    monkeypatch.setattr(replay, "RANDOM_DRAWS", 20)
    random = np.random.default_rng(1)
    similar = random.normal(size=(8, 6))
    gains = similar + random.normal(size=(8, 1)) + 0.5 * random.normal(size=(8, 6))
    for name, values in (("gain", gains), ("similarity", similar), ("cheap", gains + 0.3)):
        value = "loss" if name != "similarity" else name
        sign = 1 if name == "similarity" else -1
        pd.DataFrame(
            [(f"s{i}", f"t{j}", sign * values[i, j]) for i in range(8) for j in range(6)],
            columns=["source", "target", value],
        ).to_csv(tmp_path / f"{name}.csv", index=False)
    return tmp_path


def words(files, *others):
    return ["plan", "--gains", f"{files}/gain.csv", "--column", "score=loss", "--lower-is-better",
            "--steps", "10", "--output", f"{files}/regret.tsv", *others]  # fmt: skip


def test_it_tells_regret_against_cost_beside_rivals(files, capsys):
    assert main(words(files, "--similarity", f"{files}/similarity.csv")) == 0
    said = capsys.readouterr().out
    assert "At half of the cost the plan loses" in said and "8 sources and 6 targets" in said
    table = pd.read_csv(files / "regret.tsv", sep="\t")
    near = table[table["share"] == 0.5]
    half = dict(zip(near["strategy"], near["regret"], strict=True))
    assert half["plan"] < half["random rows"] and half["plan"] < half["random cells"]
    assert set(half) == {"plan", "similarity", "most popular", "random rows", "random cells"}
    assert table[table["strategy"] == "full search"]["regret"].tolist() == [0]


def test_cheap_cells_help(files, capsys):
    regrets = []
    for others in ([], ["--cheap", f"{files}/cheap.csv", "--cheap-price", "0.05"]):
        assert main(words(files, *others)) == 0
        table = pd.read_csv(files / "regret.tsv", sep="\t")
        own = table[(table["strategy"] == "plan") & table["share"].between(0.05, 0.45)]
        regrets.append(own["regret"].mean())
    capsys.readouterr()
    assert regrets[1] < regrets[0]


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        (["--gpu-hours", "3"], "takes no --configfile and no --gpu-hours"),
        (["--column", "loss"], "write NAME=COLUMN"),
        (["--similarity", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_mistakes_end_in_a_sentence(files, capsys, others, sentence):
    assert main(words(files, *others)) == 1
    assert sentence in capsys.readouterr().err


def test_a_plan_without_a_budget_says_so(capsys):
    assert main(["plan"]) == 1
    assert "a plan needs a budget" in capsys.readouterr().err
