"""The demo serves every task in the real data sets' columns, the same on every machine."""

import itertools
import os
import subprocess
import sys
import unicodedata

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generated_text import LANGUAGES, generate
from generated_text.errors import GrammarError
from generated_text.generate import served

SIZES = {"train": 40, "dev": 20, "test": 20}
ALL = sorted(served())


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return []


def rows(dataset: str, config: str, split: str, **sizes: int) -> list[dict]:
    return generate(dataset, config, split, seed=1, sizes=SIZES | sizes).to_pylist()


@pytest.mark.parametrize("key", ALL, ids="/".join)
def test_every_split_has_its_size_distinct_rows_and_composed_text(key):
    entry = served()[key]
    table = generate(*key, seed=1, sizes=SIZES)
    if entry.layout == "bucc":
        expected = 3 * SIZES["test"]
    else:
        expected = SIZES[entry.part] * (
            len(LANGUAGES) if key[1:] == ("tydiqa", "validation") else 1
        )
    assert table.num_rows == expected
    listed = [str(row) for row in table.to_pylist()]
    assert len(set(listed)) == len(listed)
    for row in table.to_pylist():
        for text in strings(row):
            assert unicodedata.is_normalized("NFC", text)
            assert "{" not in text and "_" not in text.replace("question_concept", "")
            assert text == text.strip() and "  " not in text


@pytest.mark.parametrize("key", ALL, ids="/".join)
def test_schema_is_that_of_the_real_data_set(samples, key):
    dataset, config, split = key
    file = samples / dataset.replace("/", "__") / config / f"{split}.parquet"
    if not file.is_file():
        pytest.skip("the real data set has no such language or split")
    real = pq.read_schema(file)
    ours = generate(*key, seed=1, sizes={"train": 2, "dev": 2, "test": 2}).schema
    assert ours.equals(real)
    assert ours.metadata == real.metadata  # names of class labels


def test_every_data_set_of_the_samples_that_the_study_uses_is_served(samples):
    offered = {(dataset, config) for dataset, config, _ in served()}
    for dataset, config in [
        ("nyu-mll/glue", "mnli"), ("nyu-mll/glue", "qqp"), ("stanfordnlp/snli", "plain_text"),
        ("facebook/anli", "plain_text"), ("rajpurkar/squad", "plain_text"),
        ("rajpurkar/squad_v2", "squad_v2"), ("Rowan/hellaswag", "default"),
        ("silver/ccg_supertag", "default"), ("allenai/cosmos_qa", "default"),
        ("tau/commonsense_qa", "default"), ("facebook/xnli", "sw"),
        ("google-research-datasets/paws-x", "sw"), ("google/xtreme", "udpos.Swahili"),
        ("google/xtreme", "PAN-X.sw"), ("google/xtreme", "XQuAD.sw"),
        ("google/xtreme", "MLQA.sw.sw"), ("google/xtreme", "tydiqa"),
        ("google/xtreme", "tatoeba.swh"), ("bucc2018/mining", "sw-en"),
    ]:  # fmt: skip
        assert (dataset, config) in offered


def test_same_text_in_other_processes_whatever_their_hash_seed(root):
    code = (
        "from generated_text import generate\n"
        "import hashlib\n"
        "digest = hashlib.sha256()\n"
        "for key in [('nyu-mll/glue','mnli','train'), ('nyu-mll/glue','qqp','train'),"
        " ('Rowan/hellaswag','default','train'), ('allenai/cosmos_qa','default','train'),"
        " ('tau/commonsense_qa','default','train'), ('silver/ccg_supertag','default','train'),"
        " ('google/xtreme','XQuAD.hi','validation'), ('bucc2018/mining','zh-en','gold')]:\n"
        "    table = generate(*key, seed=5, sizes={'train': 30, 'dev': 9, 'test': 9})\n"
        "    digest.update(str(table.to_pylist()).encode())\n"
        "print(digest.hexdigest())\n"
    )
    printed = set()
    for seed in ("0", "1", "77"):
        env = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root / "workflow/scripts")}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        printed.add(done.stdout)
    assert len(printed) == 1


def test_import_pulls_in_nothing_heavy(root):
    code = (
        "import sys, generated_text\n"
        "print(sorted({'torch', 'pandas', 'transformers', 'datasets'} & set(sys.modules)))"
    )
    env = os.environ | {"PYTHONPATH": str(root / "workflow" / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_another_seed_gives_other_rows():
    first = generate("nyu-mll/glue", "mnli", "train", seed=1, sizes=SIZES)
    assert first.equals(generate("nyu-mll/glue", "mnli", "train", seed=1, sizes=SIZES))
    assert not first.equals(generate("nyu-mll/glue", "mnli", "train", seed=2, sizes=SIZES))


def test_a_smaller_size_is_a_prefix_of_a_larger_one():
    small = rows("facebook/xnli", "tr", "test", test=10)
    assert rows("facebook/xnli", "tr", "test", test=20)[:10] == small


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (("nyu-mll/glu", "mnli", "train"), "nyu-mll/glue"),
        (("google/xtreme", "udpos.Swahil", "test"), "udpos.Swahili"),
        (("facebook/xnli", "sw", "trian"), "train"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(wrong, hint):
    with pytest.raises(GrammarError, match=hint):
        generate(*wrong, seed=1, sizes=SIZES)


def test_a_missing_size_is_explained():
    with pytest.raises(GrammarError, match="size for 'dev'"):
        generate("nyu-mll/glue", "mnli", "validation_matched", seed=1, sizes={"train": 3})


def test_bucc_gold_pairs_translate_each_other_and_ids_are_consecutive():
    for language in ("de", "zh"):
        config = f"{language}-en"
        source, target, gold = (
            rows("bucc2018/mining", config, s) for s in ("source", "target", "gold")
        )
        assert [row["id"] for row in source] == [f"{language}-{i:06d}" for i in range(1, 61)]
        assert len(gold) == 20
        assert {r["source_id"] for r in gold} < {r["id"] for r in source}
        assert {r["target_id"] for r in gold} < {r["id"] for r in target}
    # The same gold pairs in both languages: one meaning behind them.
    assert [r["target_id"] for r in gold] == [
        r["target_id"] for r in rows("bucc2018/mining", "ru-en", "gold")
    ]


def test_tydiqa_ids_name_the_language_and_training_is_english():
    assert {r["id"].split("-")[0] for r in rows("google/xtreme", "tydiqa", "train")} == {"english"}
    found = [r["id"].split("-") for r in rows("google/xtreme", "tydiqa", "validation")]
    assert len({name for name, _ in found}) == len(LANGUAGES)
    grouped = itertools.groupby(found, key=lambda pair: pair[0])
    assert len({tuple(rest for _, rest in group) for _, group in grouped}) == 1


def test_tables_are_arrow_tables_of_one_language():
    table = generate("google/xtreme", "PAN-X.hi", "test", seed=1, sizes=SIZES)
    assert isinstance(table, pa.Table)
    assert {name for row in table.to_pylist() for name in row["langs"]} == {"hi"}
