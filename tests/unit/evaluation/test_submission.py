"""Submissions read and scored as XTREME's evaluate.py does, and faults planted in them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from helpers import cells
from xstilts.core.draws import half_of
from xstilts.core.errors import StudyError
from xstilts.evaluation.scores import score_cells
from xstilts.evaluation.submission import main, write_submissions, write_target
from xstilts.evaluation.submission_check import problems_of
from xstilts.evaluation.submission_formats import FORMATS

METRICS = {
    "xnli": ["accuracy"], "pawsx": ["accuracy"], "pos": ["tag_f1"], "ner": ["span_f1"],
    "xquad": ["answer_f1", "answer_exact"], "mlqa": ["mlqa_f1", "mlqa_exact"],
    "tydiqa": ["answer_f1", "answer_exact"], "bucc": ["mining_f1"],
    "tatoeba": ["retrieval_accuracy"],
}  # fmt: skip
LABELS = {
    "xnli": ["entailment", "neutral", "contradiction"], "pawsx": ["different", "paraphrase"],
    "pos": ["NOUN", "VERB", "ADJ"], "ner": ["O", "B-PER", "I-PER", "B-LOC"],
    "xquad": ["Rom", "in Rom", "42"], "mlqa": ["Rom", "in Rom", "42"], "tydiqa": ["Rom", "42"],
}  # fmt: skip
N = 12


def some(target, languages, seed):
    """Random predictions and golds of `target`."""
    random = np.random.default_rng(seed)
    found = []
    for language in languages:
        for i in range(N):
            if target == "bucc":
                one = f"{language}-{i:03d}"
                predicted, gold = (f"en-{i:03d}" if random.random() < 0.7 else "" for _ in range(2))
            elif target == "tatoeba":
                one, gold = f"target-{i}", f"source-{i}"
                predicted = gold if random.random() < 0.5 else f"source-{random.integers(N)}"
            elif target in ("pos", "ner"):
                one = f"test-{i}"
                size = random.integers(1, 6)
                predicted, gold = (" ".join(random.choice(LABELS[target], size)) for _ in range(2))
            else:
                one = f"q{i}"
                predicted, gold = (str(random.choice(LABELS[target])) for _ in range(2))
                gold = gold if target in ("xnli", "pawsx") else json.dumps([gold])
            found.append((language, one, predicted, gold))
    return found


def sentences(path):
    found = [[]]
    for line in path.read_text().splitlines():
        found[-1].append(line) if line else found.append([])
    return found


def pairs(path):
    return {tuple(line.split("\t")) for line in path.read_text().splitlines()}


def as_xtreme(target, predicted, gold):
    """The metric of a file beside that of the labels, 0 to 100."""
    kind = FORMATS[target].kind
    if kind == "tags":
        metrics = pytest.importorskip("seqeval.metrics")
        return 100 * metrics.f1_score(sentences(gold), sentences(predicted))
    if kind == "pairs":
        right = len(pairs(gold) & pairs(predicted))
        precision, recall = right / len(pairs(predicted)), right / len(pairs(gold))
        return 200 * precision * recall / (precision + recall)
    sides = [path.read_text().splitlines() for path in (predicted, gold)]
    return 100 * np.mean([a == b for a, b in zip(*sides, strict=True)])


@pytest.mark.filterwarnings("ignore:.*seems not to be NE tag")
@pytest.mark.parametrize("target", ["xnli", "pawsx", "pos", "ner", "bucc", "tatoeba"])
def test_files_score_under_xtremes_rules_what_the_study_says(tmp_path, target):
    languages = FORMATS[target].languages[:2]
    found = some(target, languages, 1)
    made = cells.cell(tmp_path, "mnli", target, METRICS[target], found)
    truth = [(language, one, gold, gold) for language, one, _, gold in found]
    labels = cells.cell(tmp_path, "truth", target, METRICS[target], truth)
    for name, cell in (("predicted", made), ("gold", labels)):
        files = write_target(target, [cell["predictions"]], tmp_path / name)
        assert files == [f"{FORMATS[target].folder}/test-{one}.tsv" for one in languages]
    for row in score_cells([made], METRICS).to_pylist():
        file = FORMATS[target].file(row["language"])
        score = as_xtreme(target, tmp_path / "predicted" / file, tmp_path / "gold" / file)
        assert score == pytest.approx(row["value"])
        assert 0 < score < 100


def test_languages_that_were_not_asked_for_are_not_written(tmp_path):
    languages = FORMATS["xnli"].languages[:3]
    found = some("xnli", languages, 1)
    made = cells.cell(tmp_path, "none", "xnli", METRICS["xnli"], found)
    files = write_target("xnli", [made["predictions"]], tmp_path / "out", languages[1:2])
    assert files == [FORMATS["xnli"].file(languages[1])]


def test_answers_are_json_by_id(tmp_path):
    found = [("zh", "a1", "北京", '["北京"]'), ("zh", "a2", "", '["x"]'), ("en", "a1", '"q"', "[]")]
    made = cells.cell(tmp_path, "none", "mlqa", METRICS["mlqa"], found)
    files = write_target("mlqa", [made["predictions"]], tmp_path / "out")
    assert files == ["mlqa/test-zh.json", "mlqa/test-en.json"]
    assert json.loads((tmp_path / "out" / files[0]).read_text()) == {"a1": "北京", "a2": ""}
    assert json.loads((tmp_path / "out" / files[1]).read_text()) == {"a1": '"q"'}


def test_tags_and_labels_by_hand(tmp_path):
    found = [("de", "1", "O B-PER", "O O"), ("de", "2", "O", "O")]
    write_target(
        "ner", [cells.cell(tmp_path, "a", "ner", ["span_f1"], found)["predictions"]], tmp_path
    )
    assert (tmp_path / "panx/test-de.tsv").read_text() == "O\nB-PER\n\nO\n"
    found = [("de", "1", "paraphrase", "different"), ("de", "2", "different", "different")]
    write_target(
        "pawsx", [cells.cell(tmp_path, "a", "pawsx", ["accuracy"], found)["predictions"]], tmp_path
    )
    assert (tmp_path / "pawsx/test-de.tsv").read_text() == "1\n0\n"


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """The submissions of a grid over all targets and languages."""
    folder = tmp_path_factory.mktemp("sent")
    made = [
        cells.cell(folder, name, target, METRICS[target], some(target, form.languages, k))
        for target, form in FORMATS.items()
        for k, name in enumerate(("none", "mnli", "qqp"))
    ]
    best = [{"target": target, "intermediate": "mnli", "seed": "1"} for target in FORMATS]
    best[-1]["intermediate"] = "qqp / mnli"
    problems = write_submissions(made, best, folder / "sent")
    told = ("XTREME's test set has", "no predictions on XTREME's test sets")
    assert all(any(words in problem for words in told) for problem in problems)
    return folder / "sent"


@pytest.fixture
def complete(sent, tmp_path, monkeypatch):
    """A copy of them; the sizes of the real test sets are not asked for."""
    for form in FORMATS.values():
        monkeypatch.setitem(form.__dict__, "examples", None)
    return Path(shutil.copytree(sent, tmp_path / "sent"))


def test_a_complete_submission_has_no_problem(complete, capsys):
    folder = complete
    assert sorted(path.name for path in folder.iterdir()) == ["best", "none"]
    assert len(list((folder / "best").rglob("test-*"))) == 15 + 7 + 33 + 40 + 11 + 7 + 9 + 4 + 36
    assert main(["validate", str(folder / "best")]) == 0
    assert "is complete" in capsys.readouterr().out
    best, none = ((folder / one / "xnli/test-sw.tsv").read_text() for one in ("best", "none"))
    assert best != none


def test_a_choice_by_halves_answers_each_by_its_row(complete):
    lines = (complete / "best/tatoeba/test-sw.tsv").read_text().split()
    by_row = [some("tatoeba", FORMATS["tatoeba"].languages, k) for k in (2, 1)]
    expected = []
    for rows in zip(*by_row, strict=True):
        language, one, _, _ = rows[0]
        if language == "sw":
            expected.append(rows[half_of(one)][2].removeprefix("source-"))
    assert lines == expected


FAULTS = {
    "xnli/test-de.tsv": ("maybe\n", "line 1: 'maybe' is none of entailment, neutral"),
    "pawsx/test-de.tsv": ("0\n1\nparaphrase\n", "line 3: 'paraphrase' is none of 0, 1"),
    "udpos/test-sv.tsv": ("NOUN\n", "XTREME has no such file"),
    "panx/test-de.tsv": ("O\n\nB-GPE\n", "line 3: 'B-GPE'"),
    "xquad/test-de.json": ("{", "is no JSON"),
    "mlqa/test-de.json": ("[1]", "is not a JSON object"),
    "tydiqa/test-ko.json": ('{"a": ["x"]}', "the answer to a is not text"),
    "bucc2018/test-de.tsv": ("de-1 en-1\n", "line 1: 'de-1 en-1' is not a de id and an en id"),
    "bucc2018/test-ru.tsv": ("ru-1\ten-1\nru-1\ten-1\n", "holds a pair twice"),
    "tatoeba/test-de.tsv": ("0\n5\n", "line 2: '5' is not the row of a sentence, 0 to 1"),
    "tatoeba/test-af.tsv": ("", "is empty"),
    "xnli/test-el.tsv": ("\xff", "cannot be read as UTF-8"),
    "squad/test-de.json": ("{}", "is not a task of XTREME"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_are_named_with_file_and_line(complete, name, capsys):
    folder = complete / "best"
    text, message = FAULTS[name]
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(text.encode("latin-1"))
    (problem,) = problems_of(folder)
    assert message in problem and problem.startswith(name.partition("/")[0])
    assert main(["validate", str(folder)]) == 1
    assert "1 problems" in capsys.readouterr().out


def test_what_is_missing_is_named(complete):
    folder = complete / "best"
    (folder / "bucc2018/test-ru.tsv").unlink()
    for path in (folder / "xquad").iterdir():
        path.unlink()
    (folder / "xquad").rmdir()
    assert problems_of(folder) == [
        "xquad: the folder is missing.",
        "bucc2018: 1 files are missing: test-ru.tsv.",
    ]


def test_sizes_are_those_of_xtremes_test_sets(tmp_path):
    made = cells.cell(tmp_path, "none", "xnli", ["accuracy"], some("xnli", ["de"], 1))
    write_target("xnli", [made["predictions"]], tmp_path / "out")
    first, *listed = problems_of(tmp_path / "out")
    assert first.startswith("*: these are no predictions on XTREME's test sets: of 1 files")
    assert any("holds 12 examples; XTREME's test set has 5010" in one for one in listed)


def test_mistakes_are_said_in_a_sentence(tmp_path, capsys):
    with pytest.raises(StudyError, match="no task like 'squad'"):
        write_target("squad", [], tmp_path)
    found = [("sw", "target-0", "source-9", "source-0")]
    made = cells.cell(tmp_path, "none", "tatoeba", ["retrieval_accuracy"], found)
    with pytest.raises(StudyError, match="tatoeba sw: 'source-9'"):
        write_target("tatoeba", [made["predictions"]], tmp_path)
    assert main(["validate", str(tmp_path / "nowhere")]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_languages_and_labels_are_those_of_the_task_sheets(root: Path):
    for target, form in FORMATS.items():
        sheet = yaml.safe_load((root / "resources/tasks" / f"{target}.yaml").read_text())
        assert set(form.languages) == set(sheet["languages"])
        named = dict(form.named)
        if sheet["labels"]:
            assert {named.get(label, label) for label in sheet["labels"]} == set(form.values)
