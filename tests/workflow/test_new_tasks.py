"""A data set of each kind becomes a task by one sheet, and nothing else of the project knows it."""

import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import stats

from helpers.project_copy import copy_project
from helpers.study_folder import StudyFolder

CODES = {"en": "en", "sw": "swh_Latn", "nah": "nah", "zh-Hant": "zho_Hant"}
SIZES = {"train": 96, "dev": 40, "test": 24}
LABELS = ("alarm_set", "music_play", "weather_query")
WORDS = {"alarm_set": "wake", "music_play": "song", "weather_query": "rain"}
TASKS = ("intents", "belief", "likeness", "reading", "slots", "where")
TARGETS = (*TASKS, "proverbs")


def intents(number, draw):
    label = number % 3
    return {
        "id": f"{number}",
        "utt": f"{WORDS[LABELS[label]]} {draw.randrange(90)}",
        "intent": label,
    }


def belief(number, draw):
    answer = number % 2 == 0
    return {"claim": f"sure {draw.randrange(90)}", "question": "yes" if answer else "no",
            "answer": answer}  # fmt: skip


def likeness(number, draw):
    score = number % 6
    other = " ".join(["bird"] * score + ["stone"] * (5 - score))
    one = f"bird bird bird bird bird {draw.randrange(900)}"
    return {"one": one, "other": other, "score": float(score)}


def reading(number, draw):
    right = number % 4
    answers = {f"mc_answer{place + 1}": "stone" for place in range(4)}
    answers[f"mc_answer{right + 1}"] = "bird"
    passage = {"flores_passage": f"a bird {draw.randrange(90)}", "question": "what?"}
    return passage | answers | {"correct_answer_num": str(right + 1)}


def slots(number, draw):
    words = {"O": "go", "B-time": "at", "I-time": "noon", "B-place": "home"}
    tags = draw.choice([["O", "B-time", "I-time"], ["O", "B-place"], ["B-place", "O", "B-time"]])
    # Numbers tell texts apart, of which similarity takes each once.
    return {"tokens": [*(words[tag] for tag in tags), str(draw.randrange(900))],
            "tags": [*tags, "O"]}  # fmt: skip


def where(number, draw):
    word = draw.choice(["home", "market", "river"])
    context = f"all {draw.randrange(900)} went to the {word} again"
    answers = {"text": [word], "answer_start": [context.index(word)]}
    return {"id": f"{number}", "question": "where?", "context": context, "answers": answers}


def proverbs(number, draw):
    return {"theirs": f"bird {number}", "english": f"bird {number}"}


def table_of(task, language, split):
    draw = random.Random(f"{task} {language} {split}")
    table = pa.Table.from_pylist([globals()[task](one, draw) for one in range(SIZES[split])])
    if task != "intents":
        return table
    names = {"names": list(LABELS), "_type": "ClassLabel"}
    facts = {"info": {"features": {"intent": names}}}
    return table.replace_schema_metadata({"huggingface": json.dumps(facts)})


def write_data(folder):
    for task in TARGETS:
        for split in SIZES:
            for language, code in CODES.items() if split == "test" else [("en", "en")]:
                file = folder / f"own__{task}" / code / f"{split}.parquet"
                file.parent.mkdir(parents=True, exist_ok=True)
                pq.write_table(table_of(task, language, split), file)


@pytest.fixture(scope="module")
def finished(root, tmp_path_factory):
    """A study of the new tasks in a copy of the project with seven sheets more."""
    project, place = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("place")
    sheets = (root / "tests" / "data" / "new_tasks").glob("*.yaml")
    copy_project(root, project, dict.fromkeys(sheets, "resources/tasks"))
    write_data(place / "hub")
    config = {
        "study": "new",
        "source": "folder",
        "data_root": str(place / "hub"),
        "encoder": {"name": "small", "layers": 2, "frozen_layers": 1},
        "intermediate_tasks": ["likeness"],
        "target_tasks": list(TARGETS),
        "multitask": {"enabled": False},
        "similarity": {"examples": 40, "language_examples": 12, "labelled_examples": 32,
                       "batch_examples": 8, "subsamples": 10},
        "inference": {"permutations": 99, "bootstrap": 100},
    }  # fmt: skip
    study = StudyFolder(project, place, config)
    # The package of the copy, and no other.
    study.environment.pop("PYTHONPATH", None)
    tables = ("report.html", "scores.parquet", "gains.parquet", "similarity.parquet")
    study.snakemake("--", *(f"results/studies/new/{name}" for name in tables))
    return place / "results"


def test_a_set_of_each_kind_is_scored_in_all_its_languages(finished):
    scores = pq.read_table(finished / "studies" / "new" / "scores.parquet").to_pylist()
    found = {(row["target"], row["language"]) for row in scores if row["intermediate"] == "none"}
    expected = {(task, language) for task in TASKS for language in CODES}
    assert found == expected | {("proverbs", "sw"), ("proverbs", "nah")}
    assert {row["intermediate"] for row in scores} == {"none", "likeness"}


def test_each_is_learnt_as_words_say_what_is_right(finished):
    scores = pq.read_table(finished / "studies" / "new" / "scores.parquet").to_pylist()
    for row in scores:
        if row["primary"] and row["language"] == "sw" and row["target"] != "where":
            assert row["value"] > 60, row


def test_correlations_are_scipys(finished):
    scores = pq.read_table(finished / "studies" / "new" / "scores.parquet").to_pylist()
    (file,) = (finished / "runs" / "target").glob("none--likeness-*/predictions.parquet")
    rows = [one for one in pq.read_table(file).to_pylist() if one["language"] == "zh-Hant"]
    sides = [[float(one[side]) for one in rows] for side in ("prediction", "gold")]
    for metric, measure in {"pearson": stats.pearsonr, "spearman": stats.spearmanr}.items():
        (ours,) = [
            row["value"] for row in scores
            if (row["intermediate"], row["target"], row["language"], row["metric"])
            == ("none", "likeness", "zh-Hant", metric)
        ]  # fmt: skip
        assert ours == pytest.approx(100 * measure(*sides).statistic, abs=1e-6)


def test_chance_of_each_is_that_of_answers_without_reading(finished):
    chance = {}
    for task in TASKS:
        (file,) = (finished / "runs" / "target").glob(f"none--{task}-*/receipt.json")
        chance[task] = json.loads(file.read_text())["dev"][task]["chance"]
    assert chance["intents"] == pytest.approx(100 * 14 / 40)
    assert chance["belief"] == 50
    assert chance["reading"] == 25


def test_texts_and_labels_of_each_are_compared(finished):
    rows = pq.read_table(finished / "studies" / "new" / "similarity.parquet").to_pylist()
    for measure in ("text_embedding", "task_embedding", "log_evidence"):
        targets = {one["target"] for one in rows
                   if one["measure"] == measure and one["similarity"] is not None}  # fmt: skip
        assert set(TASKS) <= targets, measure


def test_each_stands_on_the_page(finished):
    page = (finished / "studies" / "new" / "report.html").read_text()
    for title in ("Intents", "Belief", "Likeness", "Reading", "Slots", "Where", "Proverbs"):
        assert title in page
