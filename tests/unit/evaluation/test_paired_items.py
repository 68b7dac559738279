"""Items drawn once for all languages: against the bootstrap of one language, and theory."""

import json

import numpy as np
import pytest

from helpers import cells
from xstilts.core.draws import half_of
from xstilts.core.errors import StudyError
from xstilts.evaluation.bootstrap import interval
from xstilts.evaluation.paired_items import over_seeds, read_groups, resampled
from xstilts.evaluation.scores import score_cells
from xstilts.evaluation.summary import target_scores

N = 200


def rows(languages, right, ids=lambda language, i: f"i{i}"):
    """Accuracy rows; `right` [languages, N] says where the prediction is the gold."""
    return [
        (language, ids(language, i), "a" if right[k][i] else "b", "a")
        for k, language in enumerate(languages)
        for i in range(N)
    ]


def width(folder, right, ids) -> float:
    made = cells.cell(folder, "none", "xnli", ["accuracy"], rows("xy", right, ids))
    strata = read_groups("xnli", "accuracy", [made["predictions"]], halves=False)
    scores = resampled(strata, 2000, 1).mean(axis=1)[:, 0]
    assert scores.mean() == pytest.approx(100 * np.mean(right), abs=0.5)
    low, high = interval(scores)
    return high - low


def test_translations_of_one_item_are_drawn_together(tmp_path):
    right = np.tile(np.random.default_rng(0).random(N) < 0.6, (2, 1))
    share = right[0].mean()
    alone = 2 * 1.96 * 100 * np.sqrt(share * (1 - share) / N)
    same = width(tmp_path / "a", right, lambda language, i: f"i{i}")
    other = width(tmp_path / "b", right, lambda language, i: f"{language}{i}")
    # Two languages that answer the same items alike say no more than one; separate items do.
    assert same == pytest.approx(alone, rel=0.08)
    assert other == pytest.approx(alone / np.sqrt(2), rel=0.08)


def test_scores_are_those_of_xtremes_averages(tmp_path):
    random = np.random.default_rng(3)
    words = ["ein", "zwei", "drei vier", "the fünf"]

    def guess(language, n):
        golds = [json.dumps([str(word)]) for word in random.choice(words, n)]
        return [(language, f"q{i}", str(random.choice(words)), golds[i]) for i in range(n)]

    found = guess("en", 30) + guess("de", 20)
    made = cells.cell(tmp_path, "none", "xquad", ["answer_f1", "answer_exact"], found)
    strata = read_groups("xquad", "answer_f1", [made["predictions"]], halves=False)
    ours = np.mean([one.scores()[0] for one in strata])
    scores = score_cells([made], {"xquad": made["metrics"]})
    assert ours == pytest.approx(target_scores(scores)["value"][0].as_py())
    assert 0 < ours < 100


def test_halves_share_out_the_items_alike_in_all_languages(tmp_path):
    right = np.random.default_rng(0).random((2, N)) < 0.5
    made = cells.cell(tmp_path, "none", "xnli", ["accuracy"], rows("xy", right))
    strata = read_groups("xnli", "accuracy", [made["predictions"]], halves=True)
    assert [(one.language, one.half) for one in strata] == [("x", 0), ("x", 1), ("y", 0), ("y", 1)]
    by_half = [set(one.ids) for one in strata]
    assert by_half[0] == by_half[2] and by_half[1] == by_half[3]
    assert by_half[0] | by_half[1] == {f"i{i}" for i in range(N)}
    assert all(half_of(one) == 0 for one in by_half[0])
    assert 0.35 * N < len(by_half[0]) < 0.65 * N


def test_order_of_the_file_does_not_matter_but_other_sentences_do(tmp_path):
    right = np.random.default_rng(0).random((2, N)) < 0.5
    found = rows("xy", right)
    one = cells.cell(tmp_path, "none", "xnli", ["accuracy"], found)
    turned = cells.cell(tmp_path, "mnli", "xnli", ["accuracy"], found[::-1])
    paths = [one["predictions"], turned["predictions"]]
    for stratum in read_groups("xnli", "accuracy", paths, halves=False):
        assert (stratum.values[:, 0] == stratum.values[:, 1]).all()
    less = cells.cell(tmp_path, "qqp", "xnli", ["accuracy"], found[1:])
    with pytest.raises(StudyError, match="xnli, language x: cells have different sentences"):
        read_groups("xnli", "accuracy", [one["predictions"], less["predictions"]], halves=False)


def test_counts_are_summed_before_they_are_divided(tmp_path):
    found = [("de", "s1", "t1", "t1"), ("de", "s2", "t9", "t2"), ("de", "s3", "", "t3")]
    made = cells.cell(tmp_path, "none", "bucc", ["mining_f1"], found)
    (stratum,) = read_groups("bucc", "mining_f1", [made["predictions"]], halves=False)
    assert stratum.scores().tolist() == [pytest.approx(100 * 2 * 1 / (2 + 3))]
    draws = resampled([stratum], 300, 1)[:, 0, 0]
    assert {0.0, 40.0, 100.0} <= {round(value, 6) for value in draws}


def test_seeds_are_averaged():
    scores = np.array([[1.0, 2, 3, 8]])
    found = over_seeds(scores, ["none", "mnli", "none", "mnli"])
    assert found["none"].tolist() == [2] and found["mnli"].tolist() == [5]
