"""What is predicted for a study, for new languages and new targets, and what a study must have."""

import importlib.util
import sys

import numpy as np
import pandas as pd
import pytest

from xstilts.core.errors import StudyError
from xstilts.inference.languages import TABLE, languages_table
from xstilts.inference.prediction.covariates import (
    LANGUAGE_COLUMNS,
    means_of_all_rows,
    task_similarity,
    with_covariates,
)
from xstilts.inference.prediction.expected_gains import COVERAGE, EXPECTED, StudyData, predict_study

LANGUAGES = ["de", "es", "hi", "ru", "sw", "tr"]


@pytest.fixture(scope="module")
def languages():
    return languages_table(TABLE, LANGUAGE_COLUMNS)


def study(languages=LANGUAGES, targets=6, seed=0):
    """Gains in two seeds and similarities of four intermediate tasks."""
    draw = np.random.default_rng(seed)
    names = [[f"i{n}" for n in range(4)], [f"t{n}" for n in range(targets)]]
    dyads = pd.MultiIndex.from_product(names, names=["intermediate", "target"])
    similarity = pd.Series(draw.normal(size=len(dyads)), dyads, name="similarity").reset_index()
    rows = similarity.merge(pd.DataFrame({"language": languages}), how="cross")
    rows = rows.merge(pd.DataFrame({"seed": [1, 2]}), how="cross")
    gain = 3 * rows["similarity"] + draw.normal(size=len(rows))
    return rows.drop(columns="similarity").assign(gain=gain, same_data=False), similarity


@pytest.fixture(scope="module")
def evidence(languages):
    gains, similarity = study()
    english = gains[gains["language"] == "de"].assign(language="en", gain=1000.0)
    return StudyData(pd.concat([gains, english]), similarity, languages)


def test_every_row_of_the_study_is_predicted_once(evidence):
    own = evidence.own()
    assert list(own) == EXPECTED and own["observed"].all()
    assert len(own) == 4 * 6 * 6 == len(own.drop_duplicates(["intermediate", "target", "language"]))
    assert set(own["language"]) == set(LANGUAGES)
    assert own["confidence"].unique() == pytest.approx([5 / 6])
    assert (own["low"] < own["gain"]).all() and (own["gain"] < own["high"]).all()


def test_new_languages_are_those_that_were_not_run(evidence):
    found = evidence.in_languages(["sw", "qu", "en", "jv"])
    assert set(found["language"]) == {"qu", "jv"} and not found["observed"].any()
    assert len(found) == 2 * 4 * 6
    assert evidence.can_be_new("qu")
    assert not evidence.can_be_new("sw") and not evidence.can_be_new("en")


def test_a_language_that_one_target_lacks_is_new_to_it_alone(languages):
    gains, similarity = study()
    lacking = gains[(gains["target"] != "t0") | (gains["language"] != "sw")]
    found = StudyData(lacking, similarity, languages).in_languages(["sw"])
    assert set(found["target"]) == {"t0"}


def test_a_new_target_follows_its_similarities(evidence):
    similarities = pd.DataFrame({"intermediate": ["i0", "i1", "i2"], "similarity": [2.0, 0, -2]})
    found = evidence.for_target("new", similarities, ["sw", "qu"])
    assert set(found["target"]) == {"new"} and set(found["language"]) == {"sw", "qu"}
    gain = found.groupby("intermediate")["gain"].mean()
    assert gain["i0"] > gain["i1"] + 2 > gain["i2"] + 4
    # No similarity: as at the average.
    assert gain["i2"] < gain["i3"] < gain["i0"]
    assert set(evidence.for_target("new", similarities)["language"]) == set(LANGUAGES)


def test_the_tables_of_a_study(evidence):
    expected, coverage, problems = predict_study(evidence)
    assert list(expected) == EXPECTED and list(coverage) == COVERAGE
    assert expected["observed"].sum() == 4 * 6 * 6
    # All whose distance is known but English, which is no transfer.
    placed = evidence.languages["l2v_syntax_shared_ang"].notna().sum()
    assert expected["language"].nunique() == placed - 1 > 100
    assert not expected.isna().any().any()
    assert set(coverage["scheme"]) == {"leave_one_target_out", "leave_one_language_out"}
    text = " ".join(problems)
    unseen = next(line for line in problems if "was not pretrained on" in line)
    assert all(
        code in unseen.split(": ")[0].split(" on ")[1].split(", ")
        for code in ("ht", "qu", "wo", "yo")
    )
    assert "distance of" not in text
    assert "6 languages allow intervals of 0.857 confidence, not 0.9" in text


@pytest.mark.parametrize(
    "shape, sentence, predicted",
    [
        ({"targets": 4}, "4 target tasks only", True),
        ({"languages": ["de", "sw"]}, "2 languages only", True),
        ({"targets": 2, "languages": ["de"]}, "1 languages only", False),
    ],
)
def test_a_small_study_has_its_files_and_a_sentence(languages, shape, sentence, predicted):
    gains, similarity = study(**shape)
    expected, coverage, problems = predict_study(StudyData(gains, similarity, languages))
    assert list(expected) == EXPECTED and list(coverage) == COVERAGE
    assert (len(expected) > 0) == predicted == (len(coverage) > 0)
    assert sentence in " ".join(problems)


def test_a_study_without_gains_has_its_files(languages):
    gains, similarity = study()
    expected, coverage, problems = predict_study(StudyData(gains.iloc[:0], similarity, languages))
    assert expected.empty and coverage.empty and len(problems) >= 2


def test_without_similarity_gains_are_still_predicted(languages):
    gains, similarity = study()
    expected, _, problems = predict_study(StudyData(gains, similarity.iloc[:0], languages), ["qu"])
    assert len(expected) == 4 * 6 * 7
    assert any(line.startswith("No similarity is known") for line in problems)
    part = similarity[similarity["intermediate"] != "i2"]
    _, _, problems = predict_study(StudyData(gains, part, languages), [])
    assert any(line.startswith("The similarity of i2 with some target") for line in problems)


def test_gains_without_noise_are_a_sentence_not_a_crash(languages):
    gains, similarity = study()
    exact = gains.assign(gain=gains["intermediate"].str[1:].astype(float))
    expected, coverage, problems = predict_study(StudyData(exact, similarity, languages))
    assert expected.empty and coverage.empty
    assert len(problems) == 1 and problems[0].startswith("No gains are predicted: ")


def test_seeds_are_averaged_and_blank_gains_left_out():
    table = pd.DataFrame(
        [("a", "t", "de", 1, 1.0), ("a", "t", "de", 2, 4.0), ("b", "t", "de", 1, None),
         ("a", "t", "en", 1, 9.0)],
        columns=["intermediate", "target", "language", "seed", "gain"],
    )  # fmt: skip
    found = means_of_all_rows(table, ["en"])
    assert found.to_dict("records") == [
        {"intermediate": "a", "target": "t", "language": "de", "gain": 2.5, "same_data": False}
    ]


def test_covariates_by_hand(languages):
    rows = pd.DataFrame(
        [("a", "t", "sw"), ("b", "t", "yo"), ("c", "t", "xx")],
        columns=["intermediate", "target", "language"],
    )
    similarity = pd.DataFrame(
        [("a", "t", 0.5), ("b", "t", 0.1), ("a", "u", 9.0)],
        columns=["intermediate", "target", "similarity"],
    )
    found = with_covariates(rows, similarity, languages)
    np.testing.assert_allclose(found["similarity"], [0.2, -0.2, np.nan])
    # Swahili has 1.6 GiB; Yoruba none, and so the least of all, 0.1.
    np.testing.assert_allclose(found["size"], [np.log10(0.16), np.log10(0.01), np.nan])
    np.testing.assert_allclose(found["distance"], [0.693, 0.5903, np.nan])


def test_similarity_by_language_is_averaged_if_there_is_no_other():
    table = pd.DataFrame(
        [("m", "a", "t", "de", 1.0), ("m", "a", "t", "sw", 2.0), ("n", "a", "t", "de", 5.0),
         ("n", "a", "t", None, 7.0)],
        columns=["measure", "intermediate", "target", "language", "similarity"],
    )  # fmt: skip
    assert task_similarity(table, "m")["similarity"].tolist() == [1.5]
    assert task_similarity(table, "n")["similarity"].tolist() == [7.0]
    with pytest.raises(StudyError, match="2 measures; name one of them: m, n"):
        task_similarity(table)
    with pytest.raises(StudyError, match="no measure 'mm'; did you mean 'm'"):
        task_similarity(table, "mm")


def test_the_benchmark_of_coverage_runs(root, monkeypatch):
    path = root / "benchmarks" / "conformal_coverage.py"
    spec = importlib.util.spec_from_file_location("conformal_coverage", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec.loader.exec_module(module)
    found = pd.DataFrame(
        [module.study((3, 6, 6), {"target": 0.2}, seed, 0.8) for seed in range(3)]
    ).mean()
    assert {"new target", "new language", "leave_one_target_out"} <= set(found.index)
    assert found[["new target", "new language"]].between(0.5, 1).all()


def test_candidate_sets_are_of_the_studys_targets_by_the_other_targets(languages):
    gains, similarity = study(targets=8)
    own = StudyData(gains, similarity, languages)
    found = own.candidates(within=1.0)
    assert set(found["target"]) == set(gains["target"])
    rows = {*gains["intermediate"], "none"}
    assert all(set(words.split(",")) <= rows for words in found["candidates"])
    assert StudyData(*study(targets=3), languages).candidates(within=1.0).empty
