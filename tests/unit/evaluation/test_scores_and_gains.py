"""Tables of scores and gains from prediction files, against hand counts and scipy."""

import json
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xstilts.core.errors import StudyError
from xstilts.evaluation.gains import GAINS, gains
from xstilts.evaluation.metrics import contributions
from xstilts.evaluation.scores import SCORES, score_cells

Rows = dict[str, list[tuple[str, str, str]]]  # language -> (example id, prediction, gold)


def write(path: Path, target: str, metric: str, rows: Rows) -> Path:
    columns: dict[str, list] = {
        name: [] for name in ("language", "example_id", "prediction", "gold", "score")
    }
    for language, examples in rows.items():
        ids, predictions, golds = (list(part) for part in zip(*examples, strict=True))
        columns["language"] += [language] * len(ids)
        columns["example_id"] += ids
        columns["prediction"] += predictions
        columns["gold"] += golds
        columns["score"] += contributions(metric, predictions, golds, language)
    count = len(columns["language"])
    pq.write_table(pa.table({"target": [target] * count} | columns), path)
    return path


def cell(intermediate: str, target: str, path: Path, seed: int = 1) -> dict:
    return {"intermediate": intermediate, "target": target, "seed": seed, "predictions": path}


def labels(pattern: str) -> list[tuple[str, str, str]]:
    """One example for each letter: y is right, n is wrong."""
    return [(f"e{i}", "same" if c == "y" else "other", "same") for i, c in enumerate(pattern)]


@pytest.fixture
def study(tmp_path) -> list[dict]:
    person, place = "B-PER O", "B-LOC I-LOC"
    made = [
        ("none", "xnli", "accuracy", {"en": labels("yynnynyn"), "sw": labels("ynnnnnyn")}),
        ("mnli", "xnli", "accuracy", {"en": labels("yyynyyyn"), "sw": labels("ynnnnnyn")}),
        ("none", "ner", "span_f1", {"en": [("s1", person, person), ("s2", "O O", place)]}),
        ("mnli", "ner", "span_f1", {"en": [("s2", place, place), ("s1", "O B-PER", person)]}),
    ]
    return [
        cell(i, t, write(tmp_path / f"{i}-{t}.parquet", t, metric, rows))
        for i, t, metric, rows in made
    ]


TARGETS = {"xnli": ["accuracy"], "ner": ["span_f1"]}


def test_scores_by_hand(study) -> None:
    table = score_cells(study, TARGETS)
    assert table.schema == SCORES
    found = {
        (r["intermediate"], r["target"], r["language"]): (r["value"], r["n"])
        for r in table.to_pylist()
    }
    assert found == {
        ("none", "xnli", "en"): (50, 8),
        ("none", "xnli", "sw"): (25, 8),
        ("mnli", "xnli", "en"): (75, 8),
        ("mnli", "xnli", "sw"): (25, 8),
        ("none", "ner", "en"): (pytest.approx(100 * 2 / 3), 2),  # 1 right, 1 predicted, 2 gold
        ("mnli", "ner", "en"): (50, 2),  # 1 right, 2 predicted, 2 gold
    }
    assert all(table["primary"].to_pylist())


def test_secondary_metrics_come_from_the_predictions(tmp_path) -> None:
    gold = json.dumps(["Köln", "Stadt Köln"])
    rows = {"de": [("q1", "die Stadt Köln", gold), ("q2", "Berlin", gold)]}
    path = write(tmp_path / "p.parquet", "mlqa", "mlqa_f1", rows)
    table = score_cells(
        [cell("none", "mlqa", path)], {"mlqa": ["mlqa_f1", "mlqa_exact", "answer_f1"]}
    )
    found = {r["metric"]: (r["value"], r["primary"]) for r in table.to_pylist()}
    assert found["mlqa_f1"] == (50, True)
    assert found["mlqa_exact"] == (50, False)
    assert found["answer_f1"] == (pytest.approx(40), False)  # English articles: 2 of 3 and 2 words


def test_one_file_may_hold_several_targets(tmp_path, study) -> None:
    both = pa.concat_tables(
        [pq.read_table(study[0]["predictions"]), pq.read_table(study[2]["predictions"])]
    )
    path = tmp_path / "both.parquet"
    pq.write_table(both, path)
    cells = [cell("none", "xnli", path), cell("none", "ner", path)]
    assert score_cells(cells, TARGETS) == score_cells([study[0], study[2]], TARGETS)


def test_unusable_predictions(tmp_path, study) -> None:
    with pytest.raises(StudyError, match="did you mean 'xnli'"):
        score_cells([cell("none", "xnl", study[0]["predictions"])], TARGETS)
    with pytest.raises(StudyError, match="Cannot read"):
        score_cells([cell("none", "xnli", tmp_path / "absent.parquet")], TARGETS)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 not really")
    with pytest.raises(StudyError, match=r"broken\.parquet"):
        score_cells([cell("none", "xnli", broken)], TARGETS)
    table = pq.read_table(study[0]["predictions"])
    pq.write_table(table.drop_columns("score"), broken)
    with pytest.raises(StudyError, match="score"):
        score_cells([cell("none", "xnli", broken)], TARGETS)
    for wrong in (
        [[1.0, 2.0]] * 16,
        [[1.0]] * 15 + [[1.0, 0, 0]],
        [[float("nan")]] * 16,
        [None] * 16,
    ):
        pq.write_table(
            table.set_column(5, "score", pa.array(wrong, pa.list_(pa.float64()))), broken
        )
        with pytest.raises(StudyError, match=r"The scores in .*broken.* (takes 1|finite numbers)"):
            score_cells([cell("none", "xnli", broken)], TARGETS)


def test_no_predictions_no_rows(tmp_path, study) -> None:
    path = tmp_path / "empty.parquet"
    pq.write_table(pq.read_table(study[0]["predictions"]).slice(0, 0), path)
    assert score_cells([cell("none", "xnli", path)], TARGETS).num_rows == 0
    assert score_cells([], TARGETS).schema == SCORES


def measure(cells: list[dict], targets=TARGETS, same_data=(), resamples: int = 500, seed: int = 1):
    table, problems = gains(cells, score_cells(cells, targets), same_data, resamples, seed)
    return (
        table,
        {(r["intermediate"], r["target"], r["language"], r["seed"]): r for r in table.to_pylist()},
        problems,
    )


def test_gains_by_hand(study) -> None:
    table, found, problems = measure(study, same_data={("mnli", "xnli")})
    assert table.schema == GAINS and problems == []
    assert set(found) == {
        ("mnli", "xnli", "en", 1),
        ("mnli", "xnli", "sw", 1),
        ("mnli", "ner", "en", 1),
    }
    english = found["mnli", "xnli", "en", 1]
    assert (english["baseline"], english["score"], english["gain"]) == (50, 75, 25)
    assert english["low"] <= 25 <= english["high"] and english["low"] >= 0  # it never does worse
    same = found["mnli", "xnli", "sw", 1]
    assert (same["gain"], same["low"], same["high"]) == (0, 0, 0)
    assert english["same_data"] and not found["mnli", "ner", "en", 1]["same_data"]
    for said in (lambda _, target: target == "ner", [["mnli", "ner"]]):
        assert measure(study, same_data=said)[1]["mnli", "ner", "en", 1]["same_data"]


def test_examples_are_matched_by_id(study) -> None:
    """The NER files differ in the order of their sentences; by hand, over the kinds of resample.

    Twice s1: 0 - 100 points, twice s2: 100 - 0, one of each: 50 - 66.7; so the ends are +-100.
    """
    row = measure(study)[1]["mnli", "ner", "en", 1]
    assert row["gain"] == pytest.approx(50 - 200 / 3)
    assert (row["low"], row["high"]) == (-100, 100)


def test_intervals_equal_scipy(tmp_path) -> None:
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    right = random.random((2, 400)) < [[0.5], [0.6]]
    paths = [
        write(
            tmp_path / f"{i}.parquet",
            "xnli",
            "accuracy",
            {"fr": labels("".join("ny"[int(r)] for r in row))},
        )
        for i, row in enumerate(right)
    ]
    cells = [cell("none", "xnli", paths[0]), cell("qqp", "xnli", paths[1])]
    row = measure(cells, resamples=5000)[1]["qqp", "xnli", "fr", 1]
    difference = 100.0 * (right[1].astype(float) - right[0])
    expected = stats.bootstrap((difference,), np.mean, n_resamples=5000, method="percentile", rng=3)
    assert row["low"] == pytest.approx(expected.confidence_interval.low, abs=0.5)
    assert row["high"] == pytest.approx(expected.confidence_interval.high, abs=0.5)


def test_other_rows_and_their_order_change_nothing(tmp_path, study) -> None:
    before = measure(study[:2])[1]
    extra = write(
        tmp_path / "x.parquet",
        "xnli",
        "accuracy",
        {"sw": labels("yyyynnnn"), "en": labels("yyyynnnn")},
    )
    shuffled = tmp_path / "shuffled.parquet"
    table = pq.read_table(study[0]["predictions"])
    pq.write_table(table.take(np.random.default_rng(0).permutation(len(table))), shuffled)
    more = [
        cell("qqp", "xnli", extra),
        study[3],
        study[1],
        study[2],
        cell("none", "xnli", shuffled),
    ]
    after = measure(more)[1]
    for key, row in before.items():
        assert after[key] == {
            k: pytest.approx(v) if isinstance(v, float) else v for k, v in row.items()
        }
    assert ("qqp", "xnli", "en", 1) in after
    assert measure(study, seed=2)[1]["mnli", "xnli", "en", 1] != before["mnli", "xnli", "en", 1]


def test_languages_that_were_not_asked_for_change_nothing(tmp_path, study) -> None:
    alone = [
        cell(name, "xnli", write(tmp_path / f"sw-{name}.parquet", "xnli", "accuracy", rows))
        for name, rows in (
            ("none", {"sw": labels("ynnnnnyn")}),
            ("mnli", {"sw": labels("yynnnnyn")}),
        )
    ]
    both = [
        cell(name, "xnli", write(tmp_path / f"all-{name}.parquet", "xnli", "accuracy", rows))
        | {"languages": ["sw"]}
        for name, rows in (
            ("none", {"en": labels("yynn"), "sw": labels("ynnnnnyn"), "de": labels("yy")}),
            ("mnli", {"en": labels("nyny"), "sw": labels("yynnnnyn"), "de": labels("ny")}),
        )
    ]
    assert measure(both) == measure(alone)
    assert {key[2] for key in measure(both)[1]} == {"sw"}


def test_seeds_are_kept_apart(tmp_path, study) -> None:
    worse = write(tmp_path / "w.parquet", "xnli", "accuracy", {"en": labels("nnnnnnny")})
    cells = [
        *study[:2],
        cell("none", "xnli", worse, seed=2),
        cell("mnli", "xnli", study[1]["predictions"], seed=2),
    ]
    _, found, problems = measure(cells)
    assert found["mnli", "xnli", "en", 1]["gain"] == 25
    assert found["mnli", "xnli", "en", 2]["gain"] == 62.5
    assert ("mnli", "xnli", "sw", 2) not in found
    assert len(problems) == 1 and "xnli, language sw, seed 2" in problems[0]


def test_missing_baseline_is_told(study) -> None:
    table, _, problems = measure([study[1], study[3], study[2]])
    assert table["target"].to_pylist() == ["ner"]
    assert len(problems) == 1 and "xnli, seed 1" in problems[0] and "'none'" in problems[0]


def test_different_examples_are_an_error(tmp_path, study) -> None:
    other = write(tmp_path / "o.parquet", "xnli", "accuracy", {"en": labels("yyyyyyy")})
    with pytest.raises(
        StudyError, match=r"xnli, language en, seed 1: intermediate qqp .* \(7 and 8\)"
    ):
        measure([study[0], cell("qqp", "xnli", other)])
    with pytest.raises(StudyError, match="no row for intermediate mnli"):
        gains(study, score_cells(study[:1], TARGETS), (), 100, 1)


@pytest.mark.parametrize("wrong", [[0], [3, 7], range(8)])
def test_a_cell_with_another_gold_is_refused_by_name(tmp_path, study, wrong) -> None:
    """Equal ids, equal scores: only the gold answers tell that the labels were renamed."""
    renamed = [
        (i, "yes" if given == gold else "no", "yes") if row in wrong else (i, given, gold)
        for row, (i, given, gold) in enumerate(labels("yyynyyyn"))
    ]
    other = write(tmp_path / "o.parquet", "xnli", "accuracy", {"en": renamed})
    where = "xnli, language en, seed 1: intermediate qqp"
    count = rf"\({len(wrong)} of 8 .*e{min(wrong)}\)"
    with pytest.raises(StudyError, match=f"{where} .* gold .*{count}"):
        measure([study[0], cell("qqp", "xnli", other)])


def test_equal_golds_in_another_order_are_equal(tmp_path, study) -> None:
    golds = ["a", "b", "c", "d"]
    rows = [(f"e{i}", "a", gold) for i, gold in enumerate(golds)]
    paths = [
        write(tmp_path / f"{n}.parquet", "xnli", "accuracy", {"en": rows[::step]})
        for n, step in enumerate((1, -1))
    ]
    _, found, _ = measure([cell("none", "xnli", paths[0]), cell("mnli", "xnli", paths[1])])
    assert found["mnli", "xnli", "en", 1]["gain"] == 0


def test_fast_enough(tmp_path) -> None:
    """12 x 40 languages of 1,000 sentences, a twenty-seventh of the largest study, in seconds."""
    random = np.random.default_rng(0)
    rows, languages = 40_000, [f"l{i}" for i in range(40)]
    counts = random.integers(0, 3, (rows, 3)).astype(float)
    base = {
        "target": ["ner"] * rows,
        "language": np.repeat(languages, 1000),
        "example_id": [str(i % 1000) for i in range(rows)],
        "gold": [f"O B-PER {i % 7}" for i in range(rows)],
        "score": pa.array(counts.tolist(), pa.list_(pa.float64())),
    }
    pq.write_table(pa.table(base), tmp_path / "p.parquet")
    names = ["none", *(f"i{k}" for k in range(11))]
    cells = [cell(name, "ner", tmp_path / "p.parquet") for name in names]
    begin = time.perf_counter()
    table, *_ = measure(cells, resamples=1000)
    assert table.num_rows == 11 * 40
    assert time.perf_counter() - begin < 12
