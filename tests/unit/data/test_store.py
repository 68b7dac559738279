import numpy as np
import pyarrow as pa
import pytest

from xstilts.core.errors import StudyError
from xstilts.data.store import open_split, write_split
from xstilts.kinds import kind_of

SCHEMA = kind_of("multiple_choice").prepared_columns()
ROWS = [
    {"example_id": "a", "language": "en", "input_ids": [[1, 2], [3]], "second": [1, 0], "label": 0},
    {"example_id": "b", "language": "en", "input_ids": [[4, 5, 6]], "second": [2], "label": 0},
    {
        "example_id": "c",
        "language": "sw",
        "input_ids": [[7], [8], [9]],
        "second": [0, 0, 0],
        "label": 2,
    },
]


def write(path, rows, chunk=1):
    batches = [
        pa.RecordBatch.from_pylist(rows[i : i + chunk], schema=SCHEMA)
        for i in range(0, len(rows), chunk)
    ]
    return write_split(path, SCHEMA, batches)


@pytest.mark.parametrize("chunk", [1, 2, 3])
def test_flat_arrays_follow_the_rows_over_batches(tmp_path, chunk):
    assert write(tmp_path / "x.arrow", ROWS, chunk) == 3
    split = open_split(tmp_path / "x.arrow")
    # What shares texts with a test set is marked; nothing was compared here.
    unmarked = {"exact": None, "normalised": None}
    assert split.table.to_pylist() == [row | unmarked for row in ROWS]
    assert split.tokens.tolist() == list(range(1, 10))
    assert split.offsets.tolist() == [0, 2, 3, 6, 7, 8, 9]
    assert split.example.tolist() == [0, 0, 1, 2, 2, 2]
    assert split.second.tolist() == [1, 0, 2, 0, 0, 0]
    types = [array.dtype for array in (split.tokens, split.offsets, split.example, split.second)]
    assert types == [np.int32, np.int64, np.int32, np.int32]


def test_empty_split(tmp_path):
    write(tmp_path / "x.arrow", [])
    split = open_split(tmp_path / "x.arrow")
    assert split.table.num_rows == len(split.tokens) == len(split.example) == len(split.second) == 0
    assert split.offsets.tolist() == [0]


@pytest.mark.parametrize("keep", [0, 7, 200, 0.5, 0.99])
def test_file_cut_short_is_one_clear_error(tmp_path, keep):
    path = tmp_path / "x.arrow"
    write(path, ROWS)
    data = path.read_bytes()
    path.write_bytes(data[: keep if isinstance(keep, int) else int(len(data) * keep)])
    with pytest.raises(StudyError, match=r"Cannot read the prepared data .*x\.arrow"):
        open_split(path)


def test_missing_and_foreign_files(tmp_path):
    with pytest.raises(StudyError, match="missing"):
        open_split(tmp_path / "none.arrow")
    path = tmp_path / "x.arrow"
    schema = pa.schema({"a": pa.int32()})
    write_split(path, schema, [pa.RecordBatch.from_pylist([{"a": 1}], schema=schema)])
    with pytest.raises(StudyError, match="not a prepared split"):
        open_split(path)
