"""What cheap runs tell of full ones, against figures counted by hand and against scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from xstilts.core.fidelity import ALL, in_a_sentence, in_words
from xstilts.inference.fidelity import COLUMNS, compare_fidelities


def gains(values, languages=("sw",), seeds=(1,)):
    """`values`: gain by target and row."""
    rows = [
        (row, target, language, seed, gain)
        for target, own in values.items()
        for row, gain in own.items()
        for language in languages
        for seed in seeds
    ]
    return pd.DataFrame(rows, columns=["intermediate", "target", "language", "seed", "gain"])


FULL = {
    "xnli": {"mnli": 5.0, "qqp": 3.0, "ccg": -1.0},
    "pos": {"mnli": -2.0, "qqp": -1.0, "ccg": 4.0},
    "ner": {"mnli": 2.0, "qqp": 1.0, "ccg": -3.0},
}
CHEAP = {
    "xnli": {"mnli": 2.0, "qqp": 2.5, "ccg": -1.0},
    "pos": {"mnli": -2.0, "qqp": -1.0, "ccg": 1.0},
    "ner": {"mnli": -0.5, "qqp": -0.2, "ccg": -3.0},
}


def test_figures_counted_by_hand():
    table = compare_fidelities(gains(FULL), gains(CHEAP)).set_index("target")
    assert list(table.reset_index().columns) == COLUMNS
    assert table.loc["xnli", ["best", "cheap_best", "lost"]].tolist() == ["mnli", "qqp", 2.0]
    # Of ner `none` is best when cheap, and two points below the best in full.
    assert table.loc["ner", ["best", "cheap_best", "lost"]].tolist() == ["mnli", "none", 2.0]
    assert table.loc["pos", ["best", "cheap_best", "lost", "same_best"]].tolist() == [
        "ccg", "ccg", 0.0, 1.0,
    ]  # fmt: skip
    # Elsewhere: of xnli (-2+2, -1+1, 4-3) / 2, of pos (5+2, 3+1, -1-3) / 2.
    assert table.loc[["xnli", "pos", "ner"], "popular"].tolist() == ["ccg", "mnli", "ccg"]
    assert table.loc[["xnli", "pos", "ner"], "lost_popular"].tolist() == [6.0, 6.0, 5.0]
    total = table.loc[ALL]
    assert total["rows"] == 9 and total["same_best"] == pytest.approx(1 / 3)
    assert total["lost"] == pytest.approx(4 / 3) and total["lost_popular"] == pytest.approx(17 / 3)
    for target in FULL:
        pair = [[0.0, *own[target].values()] for own in (FULL, CHEAP)]
        assert table.loc[target, "spearman"] == pytest.approx(spearmanr(*pair).statistic)
        assert table.loc[target, "rows"] == 4


def test_only_pairs_that_were_run_both_ways_count():
    cheap = {"xnli": {"mnli": 1.0, "hellaswag": 9.0}, "pos": CHEAP["pos"], "tatoeba": {"mnli": 1.0}}
    table = compare_fidelities(gains(FULL), gains(cheap)).set_index("target")
    assert list(table.index) == ["pos", "xnli", ALL] and table.loc[ALL, "rows"] == 4
    assert table.loc["xnli", "rows"] == 2 and np.isnan(table.loc["xnli", "spearman"])
    # ccg is best of pos, and was not tried with xnli.
    assert table.loc["xnli", "popular"] == "none"
    assert compare_fidelities(gains(FULL), gains({})).empty


def test_languages_and_seeds_are_averaged_and_english_is_left_out():
    both = pd.concat([gains(FULL, ("sw", "de"), (1, 2)), gains({"xnli": {"ccg": 99.0}}, ("en",))])
    table = compare_fidelities(both, gains(CHEAP, ("sw", "de")), ["en"])
    assert table.equals(compare_fidelities(gains(FULL), gains(CHEAP)))


def test_in_a_sentence():
    table = compare_fidelities(gains(FULL), gains(CHEAP))
    said = in_a_sentence(table.to_dict("records"))
    assert "9 pairs of tasks were run cheaply and in full" in said
    assert "the same best row for 33% of 3 targets" in said and "loses 1.3 points" in said
    assert "most popular row 5.7" in said and "seldom which is best" in said
    assert in_a_sentence([]) == ""
    alike = compare_fidelities(gains(FULL), gains(FULL)).to_dict("records")
    assert "for 100% of 3 targets" in in_a_sentence(alike) and "seldom" not in in_a_sentence(alike)
    one = compare_fidelities(gains({"xnli": {"mnli": 1.0}}), gains({"xnli": {"mnli": 2.0}}))
    assert "too few rows to rank" in in_a_sentence(one.to_dict("records"))
    words = in_words({"share": 0.25, "frozen_layers": None, "steps": 40})
    assert words == "a share of 0.25 of the training examples, 40 steps at most"
