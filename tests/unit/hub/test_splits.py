"""Splits from a Hub on the loopback interface: found by the card, joined, and refused by name."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.hub_server import CONVERTED, commit_of
from xstilts.core.errors import StudyError
from xstilts.hub.splits import fetch_split

FEATURES = {
    "info": {
        "features": {
            "text": {"dtype": "string", "_type": "Value"},
            "label": {"names": ["no", "yes"], "_type": "ClassLabel"},
        }
    }
}
METADATA = {b"huggingface": json.dumps(FEATURES).encode()}


def parquet(first, rows=3, metadata=None, **more) -> bytes:
    columns = {"text": [f"text {first + i}" for i in range(rows)], "label": [1] * rows, **more}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns).replace_schema_metadata(metadata), sink, row_group_size=2)
    return sink.getvalue().to_pybytes()


def texts(file) -> list[str]:
    return pq.read_table(file)["text"].to_pylist()


def dataset(*configs: str, info: str = "") -> bytes:
    return f"---\nconfigs:\n{''.join(configs)}{info}---\n".encode()


def config(name, **splits) -> str:
    files = "".join(f"  - split: {one}\n    path: {path}\n" for one, path in splits.items())
    return f"- config_name: {name}\n  data_files:\n{files}"


SHARDED = {
    "README.md": dataset(
        config("en", train="en/train-*", test="en/te-*"), config("de", train="d*")
    ),
    "en/train-00001-of-00002.parquet": parquet(3),
    "en/train-00000-of-00002.parquet": parquet(0, metadata=METADATA),
    "en/te-00000-of-00001.parquet": parquet(10),
    "d.parquet": parquet(20),
}


def test_shards_are_joined_in_order_and_label_names_stay(fake, repository, tmp_path):
    fake.add_dataset("o/n", SHARDED)
    assert fetch_split(repository(), "en", "train", tmp_path / "a.parquet") == 6
    assert texts(tmp_path / "a.parquet") == [f"text {i}" for i in range(6)]
    assert pq.read_schema(tmp_path / "a.parquet").metadata == METADATA
    fetch_split(repository(), "de", "train", tmp_path / "b.parquet")
    assert texts(tmp_path / "b.parquet") == ["text 20", "text 21", "text 22"]


def test_only_what_is_asked_for_is_downloaded_and_nothing_twice(fake, repository, tmp_path):
    fake.add_dataset("o/n", SHARDED)
    for number in (1, 2):
        fetch_split(repository(), "en", "test", tmp_path / f"{number}.parquet")
    got = [one for one in fake.requests if one.startswith("GET")]
    commit = commit_of("o/n")
    assert sorted(got) == [
        f"GET /api/datasets/o/n/tree/{commit}",
        f"GET /datasets/o/n/resolve/{commit}/README.md",
        f"GET /datasets/o/n/resolve/{commit}/en/te-00000-of-00001.parquet",
    ]


def test_splits_are_found_by_file_names_without_a_card(fake, repository, tmp_path):
    fake.add_dataset("o/n", {"data/train.parquet": parquet(0), "data/test.parquet": parquet(5)})
    fetch_split(repository(), "default", "test", tmp_path / "a.parquet")
    assert texts(tmp_path / "a.parquet")[0] == "text 5"


def test_a_script_beside_parquet_is_not_even_downloaded(fake, repository, tmp_path):
    fake.add_dataset("o/n", SHARDED | {"n.py": b"raise SystemExit"})
    assert fetch_split(repository(), "de", "train", tmp_path / "a.parquet") == 3
    assert not any(one.endswith(".py") for one in fake.requests)


def test_the_hubs_own_conversion(fake, repository, tmp_path):
    files = {f"en/train/000{i}.parquet": parquet(3 * i) for i in (1, 0)}
    fake.add_dataset("o/n", files | {"en/partial-test/0000.parquet": parquet(0)}, CONVERTED)
    here = repository(branch=CONVERTED)
    assert fetch_split(here, "en", "train", tmp_path / "a.parquet") == 6
    assert texts(tmp_path / "a.parquet")[0] == "text 0"
    for wanted, match in [
        (("en", "test"), "only a part of it"),
        (("en", "trian"), "no split 'trian'; did you mean 'train'"),
        (("eng", "train"), "no configuration 'eng'; did you mean 'en'"),
    ]:
        with pytest.raises(StudyError, match=match):
            fetch_split(here, *wanted, tmp_path / "b.parquet")


INFO = """\
dataset_info:
- config_name: en
  features:
  - {name: text, dtype: string}
  - name: label
    dtype: {class_label: {names: {'0': 'no', '1': 'yes'}}}
  splits:
  - {name: train, num_examples: 3, num_bytes: 1}
  - {name: test, num_examples: 4, num_bytes: 1}
"""


def test_what_the_card_says_of_rows_and_labels_counts(fake, repository, tmp_path):
    files = {"a-train.parquet": parquet(0), "a-test.parquet": parquet(0)}
    text = dataset(config("en", train="a-train*", test="a-test*"), info=INFO)
    fake.add_dataset("o/n", {"README.md": text} | files)
    fetch_split(repository(), "en", "train", tmp_path / "a.parquet")
    features = json.loads(pq.read_schema(tmp_path / "a.parquet").metadata[b"huggingface"])
    assert features["info"]["features"]["label"]["names"] == ["no", "yes"]
    with pytest.raises(StudyError, match="3 rows arrived, but its card promises 4"):
        fetch_split(repository(), "en", "test", tmp_path / "b.parquet")
    assert not (tmp_path / "b.parquet").exists()


@pytest.mark.parametrize(
    ("wanted", "match"),
    [
        (("fr", "train"), "o/n has no configuration 'fr'"),
        (("enn", "train"), "no configuration 'enn'; did you mean 'en'"),
        (("en", "tran"), "o/n en has no split 'tran'; did you mean 'train'"),
    ],
)
def test_misspelt(fake, repository, tmp_path, wanted, match):
    fake.add_dataset("o/n", SHARDED)
    with pytest.raises(StudyError, match=match):
        fetch_split(repository(), *wanted, tmp_path / "a.parquet")


@pytest.mark.parametrize(
    "files",
    [
        {"n.py": b"raise SystemExit", "README.md": b"---\n---\n"},
        {"train.csv": b"text,label\na,1\n", "README.md": b"---\n---\n"},
        {"README.md": dataset(config("en", train="gone-*"))},
    ],
    ids=["script", "csv", "nothing"],
)
def test_what_is_not_parquet_is_refused(fake, repository, tmp_path, files):
    fake.add_dataset("o/n", files)
    with pytest.raises(StudyError, match=r"o/n has no Parquet files .* `snakemake pin` again"):
        fetch_split(repository(), "default", "train", tmp_path / "a.parquet")


def test_a_missing_shard(fake, repository, tmp_path):
    files = {name: SHARDED[name] for name in SHARDED if "00001-of-00002" not in name}
    fake.add_dataset("o/n", files)
    with pytest.raises(StudyError, match="has 1 of 2 shards"):
        fetch_split(repository(), "en", "train", tmp_path / "a.parquet")


def test_damaged_and_unlike_shards(fake, repository, tmp_path):
    cards = dataset(config("en", train="a-*", test="b-*"))
    other = parquet(0, label=["yes"] * 3)
    files = {"a-0.parquet": parquet(0)[:-9], "b-0.parquet": parquet(0), "b-1.parquet": other}
    fake.add_dataset("o/n", {"README.md": cards} | files)
    with pytest.raises(StudyError, match="is damaged: delete it and run again"):
        fetch_split(repository(), "en", "train", tmp_path / "a.parquet")
    with pytest.raises(StudyError, match="other columns than the first shard"):
        fetch_split(repository(), "en", "test", tmp_path / "a.parquet")
    assert not (tmp_path / "a.parquet").exists()
