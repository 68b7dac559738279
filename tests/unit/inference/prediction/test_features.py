"""Numbers of one's own that predict gains, and intermediate tasks that the study has not."""

import numpy as np
import pandas as pd
import pytest

from xstilts.core.errors import StudyError
from xstilts.inference.__main__ import main
from xstilts.inference.languages import ONE_LANGUAGE, TABLE, languages_table
from xstilts.inference.prediction.covariates import LANGUAGE_COLUMNS
from xstilts.inference.prediction.expected_gains import StudyData
from xstilts.inference.prediction.features import CONTRAST, LEVEL, read_features

TASKS, TARGETS = [f"i{n}" for n in range(9)], [f"t{n}" for n in range(6)]
NO_SIMILARITY = pd.DataFrame(columns=["intermediate", "target", "similarity"])


def written(folder, name, **columns):
    path = folder / name
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def languages():
    return languages_table(TABLE, LANGUAGE_COLUMNS)


@pytest.fixture(scope="module")
def size():
    return dict(zip([*TASKS, "new"], [*np.linspace(-2, 2, len(TASKS)), 1.5], strict=True))


@pytest.fixture(scope="module")
def gains(size):
    """Gains that follow a number of the intermediate task, and little else."""
    draw = np.random.default_rng(1)
    rows = pd.MultiIndex.from_product([TASKS, TARGETS], names=["intermediate", "target"])
    rows = rows.to_frame(index=False).assign(language=ONE_LANGUAGE, seed=1)
    gain = 3 * rows["intermediate"].map(size) + 0.3 * draw.normal(size=len(rows))
    return rows.assign(gain=gain)


def study(gains, languages, *features):
    return StudyData(gains, NO_SIMILARITY, languages, features=features)


def test_a_new_intermediate_task_follows_its_features(gains, languages, size, tmp_path):
    path = written(tmp_path, "f.csv", source=list(size), examples=list(size.values()))
    none = pd.DataFrame({"target": [], "similarity": []})
    found = study(gains, languages, read_features(path)).for_intermediate("new", none)
    assert set(found["target"]) == set(TARGETS) and not found["observed"].any()
    np.testing.assert_allclose(found["gain"], 3 * 1.5, atol=0.4)
    without = study(gains, languages).for_intermediate("new", none)
    assert without["gain"].abs().max() < 0.5
    # What the feature says narrows the interval; both leave out each intermediate task.
    width = [(each["high"] - each["low"]).mean() for each in (found, without)]
    assert width[0] < 0.3 * width[1]


def test_a_new_intermediate_task_follows_its_similarity(languages):
    draw = np.random.default_rng(2)
    rows = pd.MultiIndex.from_product([TASKS, TARGETS], names=["intermediate", "target"])
    rows = rows.to_frame(index=False)
    similarity = rows.assign(similarity=draw.normal(size=len(rows)))
    gain = 4 * similarity["similarity"] + 0.2 * draw.normal(size=len(rows))
    evidence = StudyData(
        rows.assign(language=ONE_LANGUAGE, seed=1, gain=gain), similarity, languages
    )
    new = pd.DataFrame({"target": TARGETS, "similarity": [-2.0, -1.0, 0.0, 0.0, 1.0, 2.0]})
    found = evidence.for_intermediate("new", new).set_index("target")["gain"]
    assert found["t5"] > found["t4"] > found["t1"] > found["t0"]
    own = similarity.groupby("target")["similarity"].mean()
    # A step of similarity is worth the same on either side of each target's own mean.
    expected = [
        4 * (value - own[name]) for name, value in new.set_index("target")["similarity"].items()
    ]
    assert np.corrcoef(found.loc[TARGETS], expected)[0, 1] > 0.97


def test_an_interval_of_a_new_intermediate_task_does_not_know_its_gains(gains, languages):
    scheme = study(gains, languages).intermediates
    changed = gains.assign(
        gain=gains["gain"].where(gains["intermediate"] != "i0", gains["gain"] + 50)
    )
    other = study(changed, languages).intermediates
    own = scheme.rows["intermediate"] == "i0"
    pd.testing.assert_series_equal(scheme.left_out[own], other.left_out[own], check_names=False)


def test_intervals_of_new_intermediate_tasks_hold_as_often_as_due(languages):
    inside = []
    for seed in range(12):
        draw = np.random.default_rng(seed)
        names = [f"i{n}" for n in range(10)]
        own = dict(zip(names, draw.normal(size=10), strict=True))
        rows = pd.MultiIndex.from_product([names, TARGETS], names=["intermediate", "target"])
        rows = rows.to_frame(index=False).assign(language=ONE_LANGUAGE, seed=1)
        rows["gain"] = rows["intermediate"].map(own) + draw.normal(size=len(rows))
        left_out = rows["intermediate"] == "i9"
        found = study(rows[~left_out], languages).for_intermediate(
            "i9", pd.DataFrame({"target": [], "similarity": []})
        )
        truth = rows[left_out].set_index("target")["gain"].loc[found["target"]].to_numpy()
        inside += list((found["low"] <= truth) & (truth <= found["high"]))
    # 65 of 72 are due, but rows of one intermediate task share its effect.
    assert np.mean(inside) > 0.75


def test_features_of_intermediate_tasks_are_split_in_two(tmp_path):
    path = written(
        tmp_path, "f.csv", intermediate=["a", "b", "c", "a", "b"],
        language=["x", "x", "x", "y", "y"], data=[1.0, 3.0, 100.0, 5.0, 7.0],
    )  # fmt: skip
    rows = pd.DataFrame(
        {"intermediate": ["a", "c", "b", "a"], "target": "t", "language": ["x", "x", "y", "z"]},
        index=[7, 5, 3, 1],
    )
    found = read_features(path).put(rows, ["a", "b"])
    assert list(found.index) == [7, 5, 3, 1]
    np.testing.assert_allclose(found[LEVEL + "data"], [2, 2, 6, np.nan])
    np.testing.assert_allclose(found[CONTRAST + "data"], [-1, 98, 1, np.nan])


def test_features_of_languages_are_of_the_level_alone(tmp_path):
    path = written(tmp_path, "f.csv", language=["x", "y"], size=[1.0, 2.0])
    rows = pd.DataFrame({"intermediate": "a", "target": "t", "language": ["y", "x"]})
    found = read_features(path).put(rows, ["a"])
    assert found[LEVEL + "size"].tolist() == [2.0, 1.0]
    assert CONTRAST + "size" not in found


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"size": [1.0]}, "has a column 'intermediate', 'target' or 'language'"),
        ({"target": ["a"]}, "and a column for each feature"),
        ({"target": ["a", "a"], "size": [1, 2]}, "a stands there twice"),
        ({"target": ["a", None], "size": [1, 2]}, "has blank cells"),
        ({"target": ["a"], "size": ["large"]}, "must hold numbers"),
    ],
)
def test_a_bad_table_of_features_is_one_sentence(tmp_path, columns, message):
    with pytest.raises(StudyError, match=message):
        read_features(written(tmp_path, "f.csv", **columns))


def test_the_command_takes_any_table(gains, size, tmp_path, capsys):
    table = gains.rename(columns={"intermediate": "source", "gain": "accuracy"})
    scores = tmp_path / "scores.csv"
    table.drop(columns=["language", "seed"]).to_csv(scores, index=False)
    features = written(tmp_path, "f.csv", source=TASKS, examples=[size[name] for name in TASKS])
    words = ["predict", "--gains", str(scores), "--column", "score=accuracy"]
    new = [*words, "--intermediate", "new", "--features", str(features)]
    assert main(new) == 0
    said = capsys.readouterr()
    assert said.out.count("\nnew\t") == len(TARGETS)
    assert "has no row of new: its features stand at their average" in said.err
    assert "No baseline is named" in said.err and "languages lacks" not in said.err
    assert main([*words, "--intermediate", "i3", "--features", str(features)]) == 1
    assert "'i3' is in the study" in capsys.readouterr().err
    assert main([*words, "--intermediate", "new", "--target", "new"]) == 1
    assert "give one of them" in capsys.readouterr().err


def test_a_language_that_features_alone_know(gains, tmp_path, capsys):
    names = ["xx", "de", "es", "hi", "ru", "sw", "xy"]
    languages = pd.DataFrame({"language": names[:-1]})
    rows = gains.drop(columns="language").merge(languages, how="cross")
    rows["gain"] += rows["language"].map(dict(zip(names, range(7), strict=True)))
    rows["gain"] += np.random.default_rng(3).normal(size=len(rows))
    scores = tmp_path / "scores.csv"
    rows.to_csv(scores, index=False)
    features = written(tmp_path, "f.csv", language=names, level=list(range(7)))
    words = ["predict", "--gains", str(scores), "--language", "xy"]
    assert main(words) == 1
    assert "--features" in capsys.readouterr().err
    assert main([*words, "--features", str(features)]) == 0
    said = capsys.readouterr()
    assert "The table of languages lacks xx, xy: predicted as for an average language." in said.err
    assert said.out.count("\txy\t") == len(TASKS) * len(TARGETS)
