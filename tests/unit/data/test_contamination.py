"""Training sets against test sets: by hand, by plain sets of texts, and on the known cases."""

from functools import cache, partial

import pytest
import yaml

from helpers.toy_data import part, recipe
from xstilts.core.receipts import publish
from xstilts.core.shards import locate
from xstilts.data import sources
from xstilts.data.shared_text import normalised
from xstilts.data.store import open_split
from xstilts.plan.data_files import parts_of
from xstilts.preparation.contamination import shared_texts, unnamed
from xstilts.preparation.prepare import prepare_task
from xstilts.preparation.test_sets import texts_of

TARGETS = [
    "xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba", "sib200", "xcopa",
    "masakhaner", "masakhapos", "americasnli",
]  # fmt: skip
TAGS = {"tokens": "words", "tags": "tags"}


@pytest.fixture
def prepared(hub, tokenizer_file, tmp_path):
    def run(task, sentences, split, languages=("en",), **more):
        for language in languages:
            rows = [sentence.format(language).split() for sentence in sentences]
            tags = [["A"] * len(words) for words in rows]
            hub.add(f"o/{task}", language, split, {"words": rows, "tags": tags})
        parts = [part(split, code, code, f"o/{task}") for code in languages]
        made = recipe("tagging", TAGS, labels=["A", "B"], **{split: parts}, **more)
        folder = tmp_path / task
        publish(folder, prepare_task(made, tokenizer_file, folder, hub.root))
        return folder

    return run


def test_every_training_set_against_every_test_set(prepared):
    training = {
        "one": prepared("one", ["Here you go .", "yes", "only here", "yes"], "train"),
        "two": prepared("two", ["nothing shared"], "train"),
    }
    tests = {
        "exam": prepared("exam", ["Here you go.", "yes", "in {}"], "test", ("de", "en")),
        "other": prepared("other", ["something else"], "test"),
    }
    table = shared_texts(training, tests)
    assert table.to_pylist()[0] == {
        "training_set": "one", "target": "exam", "training_examples": 4, "dropped": 0,
        "left_exact": 2, "left_normalised": 3, "languages": "de 2, en 2", "named": False,
    }  # fmt: skip
    assert [row["left_normalised"] for row in table.to_pylist()] == [3, 0, 0, 0]
    assert unnamed(table) == [
        "one trains on examples whose text a test set has too: exam (3 of 4); name the test sets "
        "under apart_from in resources/tasks/one.yaml to leave the examples out."
    ]


def test_what_was_left_out_is_in_the_table(prepared):
    tests = {"exam": prepared("exam", ["Here you go."], "test")}
    parts = [part("test", "en", "en", "o/exam")]
    apart_from = {"exam": {"kind": "tagging", "columns": TAGS, "parts": parts}}
    folder = prepared("one", ["Here you go .", "and", "so on"], "train", apart_from=apart_from)
    (row,) = shared_texts({"one": folder}, tests).to_pylist()
    assert (row["training_examples"], row["dropped"], row["left_normalised"]) == (2, 1, 0)
    assert row["named"] and unnamed(shared_texts({"one": folder}, tests)) == []


def test_a_study_without_training_sets(prepared):
    assert shared_texts({}, {"exam": prepared("exam", ["a"], "test")}).num_rows == 0


@pytest.fixture(scope="module")
def published(root, samples, tokenizer_file, tmp_path_factory):
    """A task's training set and English test set as prepared from real samples."""

    @cache
    def sheet_of(name):
        return yaml.safe_load((root / "resources" / "tasks" / f"{name}.yaml").read_text("utf-8"))

    @cache
    def run(name, split, language="en", apart=False):
        sheet = sheet_of(name)
        made = {
            "task": name,
            "source": {"name": "folder"},
            "splits": {split: parts_of(sheet, split, language)},
            "limits": {},
            "sampling_seed": 1,
            "maximum_length": 64,
            "document_stride": 32,
            "label_respellings": sheet.get("label_respellings", {}),
            **{key: sheet[key] for key in ("kind", "labels", "columns")},
        }
        if apart:
            made["apart_from"] = {
                task: {
                    **{key: sheet_of(task)[key] for key in ("kind", "columns")},
                    "parts": parts_of(sheet_of(task), "test", "en"),
                }
                for task in sheet["apart_from"]
            }
        folder = tmp_path_factory.mktemp(name)
        receipt = prepare_task(made, tokenizer_file, folder, samples, dropped_share=0.1)
        publish(folder, receipt)
        return folder, receipt

    return run


def sentences(samples, dataset, config, split):
    import pyarrow.parquet as pq

    file = samples / dataset / config / f"{split}.parquet"
    return [" ".join(words) for words in pq.read_table(file)["tokens"].to_pylist()]


@pytest.mark.parametrize("name", TARGETS)
def test_the_texts_of_every_test_set_can_be_read_without_labels(root, samples, name):
    sheet = yaml.safe_load((root / "resources" / "tasks" / f"{name}.yaml").read_text("utf-8"))
    parts = [
        piece
        for language in sheet["languages"]
        for piece in parts_of(sheet, "test", language)
        if locate(samples, piece["dataset"], piece["config"], piece["split"])
    ]
    described = {key: sheet[key] for key in ("kind", "columns")} | {"parts": parts[:3]}
    read = partial(sources.batches, {"name": "folder", "root": samples})
    assert len(texts_of({name: described}, read).normalised[name]) > 50


def test_entities_of_the_web_treebank_are_in_the_test_set_of_parts_of_speech(samples, published):
    """UNER's English texts are those of Universal Dependencies: here 3 to the letter, 6 nearly.

    Two further sentences have no letter or digit at all, and are other signs in the test set.
    """
    exam = sentences(samples, "google__xtreme", "udpos.English", "test")
    own = sentences(samples, "universalner__universal_ner", "en_ewt", "train")

    def plain(sentence):
        return "".join(letter for letter in sentence.lower() if letter.isalnum())

    near = [sentence for sentence in own if plain(sentence) in set(map(plain, exam))]
    assert len([sentence for sentence in near if plain(sentence) or sentence in exam]) == 6
    assert sum(sentence in exam for sentence in own) == 3
    tests = {"pos": published("pos", "test")[0]}
    folder, _ = published("uner", "train")
    (row,) = shared_texts({"uner": folder}, tests).to_pylist()
    assert (row["left_exact"], row["left_normalised"]) == (3, 6)
    assert row["languages"].startswith("en ")
    folder, receipt = published("uner", "train", apart=True)
    assert receipt["shared_texts"]["shared_with"] == {"pos": {"exact": 3, "normalised": 3}}
    (row,) = shared_texts({"uner": folder}, tests).to_pylist()
    assert (row["dropped"], row["left_exact"], row["left_normalised"]) == (6, 0, 0)
    assert row["training_examples"] == 594


def test_questions_of_squad_2_are_in_xquad(samples, published):
    """The sample's training set is cut from SQuAD's development set, of which XQuAD is a part."""
    import pyarrow.parquet as pq

    exam = pq.read_table(samples / "google__xtreme" / "XQuAD.en" / "validation.parquet")
    own = pq.read_table(samples / "rajpurkar__squad_v2" / "squad_v2" / "train.parquet")
    known = {
        normalised(text)
        for name in ("question", "context")
        for text in exam[name].to_pylist()
        if len(normalised(text)) >= 20
    }
    shared = sum(
        bool({normalised(row["question"]), normalised(row["context"])} & known)
        for row in own.select(["question", "context"]).to_pylist()
    )
    assert shared > 200
    receipt = published("squad_v2", "train", apart=True)[1]
    assert sum(receipt["shared_texts"]["shared_with"]["xquad"].values()) == shared
    assert receipt["rows"]["train"]["en"] <= 4000 - shared


def test_sentences_of_tatoeba_are_left_out_of_the_meaning_bank(samples, published, hub, tmp_path):
    """The samples hold none; so one is put back, tokenised as the Meaning Bank does."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    german = pq.read_table(samples / "google__xtreme" / "tatoeba.deu" / "validation.parquet")
    english = german["target_sentence"].to_pylist()[:3]
    tokens = [sentence.replace(".", " .").replace(" ", "  ").split() for sentence in english]
    tokens += [["No", "such", "sentence", "anywhere", "~", str(i)] for i in range(57)]
    tags = [["NIL", "X"][number % 2 :][:1] * len(words) for number, words in enumerate(tokens)]
    hub.add("pmb/semantic_tags", "en", "train", pa.table({"tokens": tokens, "tags": tags}))
    folder, _ = published("semtags", "train")
    exam = {"tatoeba": published("tatoeba", "test", "de")[0]}
    assert shared_texts({"semtags": folder}, exam).to_pylist()[0]["left_normalised"] == 0
    made = recipe("tagging", {"tokens": "tokens", "tags": "tags"}, labels=["NIL", "X"],
                  train=[part("train", "en", "en", "pmb/semantic_tags")])  # fmt: skip
    folder = tmp_path / "with"
    publish(folder, prepare_task(made, published_tokenizer(tmp_path), folder, hub.root))
    assert shared_texts({"semtags": folder}, exam).to_pylist()[0]["left_normalised"] == 3


def published_tokenizer(folder):
    from helpers.tiny_tokenizer import tiny_tokenizer

    file = folder / "tokenizer.json"
    tiny_tokenizer().save(str(file))
    return file


def test_copa_is_trained_on_its_training_set_alone(root, samples, published):
    """SuperGLUE's validation set is XCOPA's in English, and no row of it is trained on."""
    sheet = yaml.safe_load((root / "resources" / "tasks" / "copa.yaml").read_text("utf-8"))
    assert [piece["split"] for piece in sheet["splits"]["train"]] == ["train"]
    train, dev = (
        open_split(published("copa", split)[0] / f"{split}.arrow").table
        for split in ("train", "dev")
    )
    texts = {number for row in train["normalised"].to_pylist() for number in row[:1]}
    assert len(texts) == 400
    assert texts.isdisjoint(number for row in dev["normalised"].to_pylist() for number in row[:1])


def test_a_target_trained_in_another_language_goes_by_its_sheets_name(prepared):
    words = {"kind": "tagging", "columns": TAGS}
    exam = prepared("exam", ["this one is in both", "this one is not"], "test")
    apart = {"exam": {**words, "parts": [part("test", "en", "en", "o/exam")]}}
    kept_apart = prepared("mine", ["this one is in both", "another"], "train", apart_from=apart)
    other = prepared("theirs@de", ["this one is in both"], "train")
    table = shared_texts({"mine": kept_apart, "theirs@de": other}, {"exam@de": exam})
    mine, theirs = table.to_pylist()
    assert (mine["dropped"], mine["named"], mine["left_normalised"]) == (1, True, 0)
    assert (theirs["dropped"], theirs["named"], theirs["left_normalised"]) == (0, False, 1)
    assert unnamed(table) == [
        "theirs@de trains on examples whose text a test set has too: exam@de (1 of 1); name the "
        "test sets under apart_from in resources/tasks/theirs.yaml to leave the examples out."
    ]
