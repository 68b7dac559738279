"""What a task's text is, kind by kind, and which examples are taken."""

import pytest

from helpers import rows
from xstilts.encoders.tokenizer import load_tokenizer
from xstilts.kinds import kind_of
from xstilts.similarity.texts import Reader

BEGIN, END = rows.BEGIN, rows.END


def reader(workshop, task, kind, fields, seed=1):
    return Reader(
        workshop.data(task), kind_of(kind), fields, load_tokenizer(workshop.encoder), seed
    )


def prepared(workshop, kind, made, labels=("a", "b")):
    workshop.prepare("task", kind, dict.fromkeys(("train", "dev", "test"), made), list(labels))


def test_pairs(workshop):
    sequence, second = rows.together([5, 6], [7])
    prepared(workshop, "pair_classification", [rows.row(0, "en", [sequence], [second], label=0)])
    for fields, text in ((["first", "second"], "w5 w6 w7"), (["second"], "w7")):
        found = reader(workshop, "task", "pair_classification", fields).sample(
            "train", "en", None, 9
        )
        assert found.texts == [text]
        assert found.segments == [["w5 w6", "w7"]]
        assert found.ids == ["en-0"]


def test_choices_have_one_context_and_all_endings(workshop):
    both = [rows.together([5, 6], [7]), rows.together([5, 6], [8, 9])]
    made = rows.row(0, "en", [one for one, _ in both], [at for _, at in both], label=1)
    prepared(workshop, "multiple_choice", [made])
    found = reader(workshop, "task", "multiple_choice", ["context", "endings"])
    found = found.sample("train", "en", None, 9)
    assert found.texts == ["w5 w6 w7 w8 w9"]
    assert found.segments == [["w5 w6", "w7", "w8 w9"]]


def test_words_of_a_long_sentence_are_joined(workshop):
    made = rows.row(
        0, "en", [[BEGIN, 5, 6, END], [BEGIN, 7, END]], [0, 0],
        labels=[0, 0, 1], word_sequence=[0, 0, 1], word_position=[1, 2, 1],
    )  # fmt: skip
    prepared(workshop, "tagging", [made])
    found = reader(workshop, "task", "tagging", ["words"]).sample("train", "en", None, 9)
    assert found.texts == ["w5 w6 w7"]
    assert found.segments == [["w5 w6 w7"]]


def test_a_passage_is_whole_however_many_windows_it_has(workshop):
    made = rows.questions(20, 1)
    prepared(workshop, "span_qa", made)
    found = reader(workshop, "task", "span_qa", ["context"]).sample("train", "en", None, 99)
    assert sorted(found.texts) == sorted({one["context"] for one in made})
    found = reader(workshop, "task", "span_qa", ["question", "context"])
    for question, context in found.sample("train", "en", None, 99).segments:
        assert question.startswith("w")
        assert context in {one["context"] for one in made}


def test_english_side_of_retrieval_without_repetitions(workshop):
    made = []
    for number, language in enumerate(["de", "sw"]):
        for side, word in (("source", 5 + number), ("target", 20)):
            one = rows.row(f"{side}{number}", language, [[BEGIN, word, END]], [0])
            made.append(one | {"side": side, "gold": ""})
    prepared(workshop, "retrieval", made)
    english = reader(workshop, "task", "retrieval", ["sentence"]).sample("test", None, "target", 9)
    assert english.texts == ["w20"]
    swahili = reader(workshop, "task", "retrieval", ["sentence"]).sample("test", "sw", "source", 9)
    assert swahili.texts == ["w6"]


def test_samples_are_nested_and_know_no_order(workshop):
    made = rows.pairs(60, 1)
    for name, own in (("plain", made), ("turned", made[::-1])):
        splits = dict.fromkeys(("train", "dev", "test"), own)
        workshop.prepare(name, "pair_classification", splits, ["a", "b", "c"])

    def ids(task, count, seed=1):
        made = reader(workshop, task, "pair_classification", ["first", "second"], seed)
        return made.sample("train", "en", None, count).ids

    assert ids("plain", 30)[:10] == ids("plain", 10) == ids("turned", 10)
    assert ids("plain", 10, seed=2) != ids("plain", 10)


def test_languages_have_the_same_items(workshop):
    made = [
        rows.row(0, language, [[BEGIN, word, END]], [0],
                 labels=[0], word_sequence=[0], word_position=[1]) | {"example_id": f"item{word}"}
        for language in ("en", "sw") for word in range(5, 35)
    ]  # fmt: skip
    prepared(workshop, "tagging", made)
    read = reader(workshop, "task", "tagging", ["words"])
    assert read.sample("test", "en", None, 7).ids == read.sample("test", "sw", None, 7).ids


@pytest.mark.parametrize("count", [0, 5])
def test_a_language_that_is_not_there(workshop, count):
    prepared(workshop, "pair_classification", rows.pairs(6, 1))
    found = reader(workshop, "task", "pair_classification", ["first"])
    assert found.sample("train", "yo", None, count).texts == []
