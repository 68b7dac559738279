"""`xstilts keep`: which encoders, what is lost, and its sentences."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from xstilts.__main__ import main


@pytest.fixture
def table(tmp_path):
    random = np.random.default_rng(3)
    rows = [(f"e{i}", f"t{j}", code, random.normal(0.5, 2))
            for i in range(6) for j in range(5) for code in ("de", "sw")]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["intermediate", "target", "language", "gain"])
    frame.to_csv(tmp_path / "gains.csv", index=False)
    return frame, str(tmp_path / "gains.csv")


def worth(frame, names):
    own = frame[frame["intermediate"].isin(names)].groupby(["target", "language"])["gain"].max()
    return own.clip(lower=0).sum()


def test_it_keeps_the_best_two_and_says_what_is_lost(table, capsys):
    frame, path = table
    assert main(["keep", "2", "--gains", path]) == 0
    said = capsys.readouterr().out
    names = sorted(frame["intermediate"].unique())
    best = max(combinations(names, 2), key=lambda pair: worth(frame, pair))
    assert f"Keep, of 6 encoders: {', '.join(best)}." in said
    lost = (worth(frame, names) - worth(frame, best)) / 10
    assert f"{lost:.2f} points are lost" in said and "proved optimal" in said


def test_of_one_language_and_more_than_are_needed(table, capsys):
    _, path = table
    assert main(["keep", "6", "--gains", path, "--language", "sw", "--target", "t0"]) == 0
    said = capsys.readouterr().out
    assert "More would serve nothing" in said and "0.00 points are lost" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--language", "dee"], "no gain is of 'dee'; did you mean 'de'?"),
        (["--target", "t9"], "--target: no gain is of 't9'"),
    ],
)
def test_unknown_names_are_one_sentence(table, capsys, words, sentence):
    assert main(["keep", "2", "--gains", table[1], *words]) == 1
    assert sentence in capsys.readouterr().err


def test_a_study_without_gains_says_so(tmp_path, monkeypatch, capsys, root):
    monkeypatch.chdir(tmp_path)
    config = root / "config" / "config.yaml"
    assert main(["keep", "2", "--configfile", str(config)]) == 1
    assert "there are no gains yet" in capsys.readouterr().err
