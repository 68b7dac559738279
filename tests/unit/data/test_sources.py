import pyarrow.parquet as pq
import pytest

from helpers.toy_data import part
from xstilts.core.errors import StudyError
from xstilts.core.shards import locate
from xstilts.data.sources import read


def source(hub):
    return {"name": "folder", "root": hub.root}


def test_one_file(hub):
    hub.add("o/n", "c", "train", {"a": [1, 2]})
    assert read(source(hub), part())["a"].to_pylist() == [1, 2]


def test_shards_come_in_order_and_only_whole(hub):
    for number in (1, 0):
        hub.add("o/n", "c", f"train-0000{number}-of-00002", {"a": [number]})
    assert read(source(hub), part())["a"].to_pylist() == [0, 1]
    (hub.root / "o__n/c/train-00001-of-00002.parquet").unlink()
    assert locate(hub.root, "o/n", "c", "train") == []
    with pytest.raises(StudyError, match="some are missing"):
        read(source(hub), part())


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        (part(dataset="o/m"), "'o__n'"),
        (part(config="cc"), "'c'"),
        (part("trains"), "'train'"),
    ],
)
def test_what_is_missing_gets_the_nearest_name(hub, wanted, hint):
    hub.add("o/n", "c", "train", {"a": [1]})
    with pytest.raises(StudyError, match=f"No data for .* expected .*did you mean {hint}"):
        read(source(hub), wanted)


def test_no_folder_and_no_such_source(tmp_path):
    with pytest.raises(StudyError, match="does not exist: set data_root"):
        read({"name": "folder", "root": tmp_path / "none"}, part())
    with pytest.raises(StudyError, match="no source of data 'folders'; did you mean 'folder'"):
        read({"name": "folders"}, part())


@pytest.mark.parametrize("keep", [0, 3, 0.5, 0.95])
def test_damaged_parquet_is_one_clear_error(hub, keep):
    file = hub.add("o/n", "c", "train", {"a": list(range(1000))})
    data = file.read_bytes()
    file.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    with pytest.raises(StudyError, match=r"Cannot read .*train\.parquet as Parquet"):
        read(source(hub), part())


def test_shards_of_different_columns(hub):
    for number, column in enumerate("ab"):
        file = hub.add("o/n", "c", f"train-0000{number}-of-00002", {column: [1]})
    assert pq.read_schema(file).names == ["b"]
    with pytest.raises(StudyError, match="Cannot read"):
        read(source(hub), part())


def test_locate_needs_nothing_but_paths():
    import subprocess
    import sys

    heavy = ["pyarrow", "numpy", "tokenizers", "torch"]
    code = f"import sys, xstilts.core.paths; assert not set({heavy}) & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
