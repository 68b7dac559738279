"""Training sets translated: planted translations for content, a tiny random model for the way."""

import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from helpers.tiny_translator import write_translator
from xstilts.core import StudyError
from xstilts.core.files import file_sha256
from xstilts.data import sources
from xstilts.translation.job import translate
from xstilts.translation.task import translate_task
from xstilts.translation.translator import Translator

WORDS = {"born": "geboren", "in": "in", "she": "sie", "was": "wurde", "where": "wo", "bonn": "Bonn",
         "left": "ging", "he": "er", "who": "wer"}  # fmt: skip
SETTINGS = {"prefix": "", "first_token": None, "source_language": None, "beams": 2,
            "batch_examples": 4, "maximum_length": 24}  # fmt: skip


def planted(texts):
    """Word for word; what is no word of ours stays."""
    return [
        " ".join(
            word if not (core := word.strip('.?"')) else word.replace(
                core, WORDS.get(core.lower(), core)
            )
            for word in text.split()
        )
        for text in texts
    ]  # fmt: skip


def squad(rows):
    schema = pa.schema(
        {"id": pa.string(), "context": pa.string(), "question": pa.string(),
         "answers": pa.struct({"text": pa.list_(pa.string()),
                               "answer_start": pa.list_(pa.int64())})}
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def asked(number, context, question, answer):
    start = [context.index(answer)] if answer else []
    answers = {"text": [answer] if answer else [], "answer_start": start}
    return {"id": f"q{number}", "context": context, "question": question, "answers": answers}


PASSAGE = "He left. She was born in Bonn."
ROWS = [
    asked(0, PASSAGE, "Where was she born?", "Bonn"),
    asked(1, PASSAGE, "Who left?", "He"),
    asked(2, PASSAGE, "Who was born in Bonn?", "She"),
    asked(3, PASSAGE, "Where was he born?", ""),
]


@pytest.fixture
def recipe(tmp_path):
    file = tmp_path / "data" / "o__squad" / "plain" / "train.parquet"
    file.parent.mkdir(parents=True)
    pq.write_table(squad(ROWS), file)
    return {
        "task": "squad", "kind": "span_qa", "labels": None, "language": "de",
        "columns": {"id": "id", "question": "question", "context": "context",
                    "answers": "answers.text", "answer_start": "answers.answer_start"},
        "source": {"name": "folder", "files": {"o__squad/plain/train.parquet": file_sha256(file)}},
        "splits": {"train": [{"dataset": "o/squad", "config": "plain", "split": "train",
                              "language": "en"}]},
        "limits": {"train": None}, "sampling_seed": 1, "share": {"number": 0, "of": 1},
        "align": ["marker", "fuzzy"], "likeness": 0.7, "model": SETTINGS,
    }  # fmt: skip


def run(recipe, tmp_path, how=planted, name="out"):
    facts = translate_task(recipe, how, tmp_path / name, tmp_path / "data")
    return facts, pq.read_table(tmp_path / name / "train.parquet").to_pylist()


def test_answers_stand_where_they_are_said_to(recipe, tmp_path):
    facts, rows = run(recipe, tmp_path)
    assert [row["id"] for row in rows] == ["q0", "q1", "q2", "q3"]
    assert rows[0]["question"] == "wo wurde sie geboren?"
    for row, answer in zip(rows, ["Bonn", "er", "sie"], strict=False):
        assert row["context"] == "er ging. sie wurde geboren in Bonn."
        assert row["answers"] == [answer]
        start = row["answer_start"][0]
        assert row["context"][start : start + len(answer)] == answer
    assert rows[3]["answers"] == rows[3]["answer_start"] == []
    assert facts["how"] == {"found by marker": 3, "without an answer": 1}
    assert facts["problems"] == []


def test_lost_quotes_leave_it_to_likeness(recipe, tmp_path):
    def bare(texts):
        return [text.replace('"', "") for text in planted(texts)]

    facts, rows = run(recipe, tmp_path, bare)
    assert facts["how"] == {"found by likeness": 3, "without an answer": 1}
    assert rows[2]["context"][rows[2]["answer_start"][0] :].startswith("sie")


def test_what_is_not_found_is_left_out_and_counted(recipe, tmp_path):
    def unlike(texts):
        """Alone an answer is put into quite other words than inside its sentence."""
        return ["ganz anders" if text == "Bonn" else one.replace('"', "")
                for text, one in zip(texts, planted(texts), strict=True)]  # fmt: skip

    facts, rows = run(recipe, tmp_path, unlike)
    assert [row["id"] for row in rows] == ["q1", "q2", "q3"]
    assert facts["how"]["answer not found again"] == 1
    assert facts["problems"] == ["squad in de: 1 of 4 left out, answer not found again."]


def test_markers_alone_by_config(recipe, tmp_path):
    with pytest.raises(StudyError, match="translation left no example: answer not found again"):
        recipe["splits"]["train"][0] |= {"id_prefix": "q0"}
        run(recipe | {"align": ["marker"]}, tmp_path, lambda texts: ["x"] * len(texts))


def test_languages_share_the_examples(recipe, tmp_path):
    found = Counter()
    for number in range(2):
        _, rows = run(recipe | {"share": {"number": number, "of": 2}}, tmp_path, name=str(number))
        found.update(row["id"] for row in rows)
    assert found == Counter(f"q{n}" for n in range(4))


def test_pairs_choices_and_texts(recipe, tmp_path):
    folder = tmp_path / "data" / "o__other" / "plain"
    folder.mkdir(parents=True)
    pair = {"first": "she left", "second": "he left", "label": 1}
    choice = {"context": "she left", "endings": ["he left", "who"], "label": 1}
    text = {"text": "who was born in bonn", "label": 1}
    scored = {"first": "she left", "second": "he left", "score": 2.5}
    made = {"pair": pair, "choice": choice, "text": text, "scored": scored}
    for name, row in made.items():
        pq.write_table(pa.Table.from_pylist([row]), folder / f"{name}.parquet")
    plain = recipe | {"source": {"name": "folder", "files": {}}}
    for name, kind, row in (("pair", "pair_classification", pair),
                            ("choice", "multiple_choice", choice),
                            ("scored", "regression", scored),
                            ("text", "text_classification", text)):  # fmt: skip
        part = {"dataset": "o/other", "config": "plain", "split": name, "language": "en"}
        labels = None if kind == "regression" else ["no", "yes"]
        own = {"kind": kind, "labels": labels, "splits": {"train": [part]},
               "columns": {key: key for key in row}}  # fmt: skip
        _, rows = run(plain | own, tmp_path, name=name)
        (told,) = rows
        assert told.get("label", 1) == 1 and told.get("score", 2.5) == 2.5
        if kind == "text_classification":
            assert told["text"] == "wer wurde geboren in Bonn"
        elif "first" in row:
            assert (told["first"], told["second"]) == ("sie ging", "er ging")
        else:
            assert (told["context"], told["endings"]) == ("sie ging", ["er ging", "wer"])


def test_texts_of_a_test_set_are_not_translated(recipe, tmp_path):
    file = tmp_path / "data" / "o__exam" / "en" / "test.parquet"
    file.parent.mkdir(parents=True)
    other = asked(4, "They sang in the rain for two days.", "Where did they sing?", "the rain")
    train = tmp_path / "data" / "o__squad" / "plain" / "train.parquet"
    pq.write_table(squad([*ROWS, other]), train)
    recipe["source"]["files"] = {"o__squad/plain/train.parquet": file_sha256(train)}
    pq.write_table(squad([other]), file)
    exam = {"dataset": "o/exam", "config": "en", "split": "test", "language": "en"}
    described = {"kind": "span_qa", "columns": recipe["columns"], "parts": [exam]}
    recipe |= {"apart_from": {"exam": described}}
    facts = translate_task(recipe, planted, tmp_path, tmp_path / "data")
    assert facts["rows"] == 4
    said = "squad train: 1 of 5 examples left out, whose text the test set of exam has too"
    assert facts["problems"] == [f"{said} (1 of them to the letter)."]
    pq.write_table(squad(ROWS[:1]), file)  # whose passage all others have as well
    described["parts"] = [exam]
    pq.write_table(squad(ROWS), train)
    recipe["source"]["files"] = {"o__squad/plain/train.parquet": file_sha256(train)}
    with pytest.raises(StudyError, match=r"left no example: .*4 of 4 examples left out, whose"):
        translate_task(recipe, planted, tmp_path, tmp_path / "data")


def test_changed_data_are_refused(recipe, tmp_path):
    file = tmp_path / "data" / "o__squad" / "plain" / "train.parquet"
    pq.write_table(squad(ROWS[:2]), file)
    with pytest.raises(StudyError, match="no longer the file that the study was planned with"):
        run(recipe, tmp_path)


def test_what_was_made_is_read_like_any_data_set(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    part = {"dataset": "translated/squad", "config": "de", "split": "train", "language": "de"}
    source = {"name": "folder", "root": None, "translations": {"de": "0123456789ab"}}
    with pytest.raises(StudyError, match="translate squad first"):
        sources.read(source, part)
    run(recipe, tmp_path, name="results/translations/squad-de-0123456789ab")
    assert sources.read(source, part).num_rows == 4


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mt")
    write_translator(folder, [*WORDS, *WORDS.values()])
    return folder


def test_a_real_model_writes_the_same_again_in_any_company(model):
    translator = Translator(model, SETTINGS, torch.device("cpu"))
    texts = ["she left", "he was born in bonn", "", "she left", "where"]
    found = translator.translate(texts)
    assert len(found) == len(texts)
    assert found[2] == ""
    assert found[0] == found[3]
    assert translator.translate(texts) == found
    assert Translator(model, SETTINGS, torch.device("cpu")).translate(texts) == found


def test_the_first_token_names_the_language(model):
    german, swahili = (
        Translator(model, SETTINGS | {"first_token": name}, torch.device("cpu"))
        for name in ("__de__", "__sw__")
    )
    assert (german.first, swahili.first) == (4, 5)
    written = german.model.generate(torch.tensor([[6, 2]]), forced_bos_token_id=german.first,
                                    max_new_tokens=3, num_beams=1)  # fmt: skip
    assert written[0, 1] == 4
    with pytest.raises(StudyError, match=r"has no token .__xx__.: correct translated\.model"):
        Translator(model, SETTINGS | {"first_token": "__xx__"}, torch.device("cpu"))


def test_the_whole_job_on_a_random_model(recipe, model, tmp_path):
    """Gibberish has no answers to be found: they are counted, and what needs none stays."""
    facts = translate(recipe, model, tmp_path / "out", tmp_path / "data", torch.device("cpu"))
    rows = pq.read_table(tmp_path / "out" / "train.parquet").to_pylist()
    assert facts["rows"] == len(rows) >= 1
    assert sum(facts["how"].values()) == 4
    assert "q3" in {row["id"] for row in rows}
    for row in rows:
        for answer, start in zip(row["answers"], row["answer_start"], strict=True):
            assert row["context"][start : start + len(answer)] == answer


def test_pickled_weights_are_refused(model, tmp_path):
    folder = tmp_path / "pickled"
    folder.mkdir()
    for file in model.iterdir():
        if file.suffix == ".json":
            (folder / file.name).write_bytes(file.read_bytes())
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(StudyError, match="transformers cannot load this translation model"):
        Translator(folder, SETTINGS, torch.device("cpu"))


def test_nothing_there_is_one_sentence(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "m2m_100"}))
    with pytest.raises(StudyError, match=r"choose another translated\.model"):
        Translator(tmp_path, SETTINGS, torch.device("cpu"))
