"""Tables as text, against what pandas and pyarrow write and read."""

import io
import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import csv as arrow_csv

from xstilts.core.tsv import rows_of, tsv, write_tsv

FRAME = pd.DataFrame(
    {
        "name": ["a", "tab\there", 'a "word"', None],
        "count": [1, -2, 3_000_000, 0],
        "score": [1.5, math.nan, -0.0, 1e-7],
        "large": [1e22, 123456.789, math.inf, 100.0],
        "narrow": np.array([0.1, 2.0, np.nan, 1e30], np.float32),
        "is_open": [True, False, True, False],
        "maybe": pd.array([1, None, 3, None], "Int64"),
        "unsure": pd.array([True, None, False, None], "boolean"),
    }
)


@pytest.mark.parametrize("numbers", [".10g", ".6g", ".4f"])
@pytest.mark.parametrize("missing", ["", "NA"])
def test_a_frame_is_written_as_pandas_writes_it(numbers, missing):
    expected = FRAME.to_csv(sep="\t", index=False, float_format=f"%{numbers}", na_rep=missing)
    assert tsv(*rows_of(FRAME), numbers=numbers, missing=missing) == expected


def test_comma_separated_text_is_written_as_pandas_writes_it():
    expected = FRAME.to_csv(index=False, float_format="%.6g")
    assert tsv(*rows_of(FRAME), numbers=".6g", separator=",") == expected


@given(st.lists(st.floats(allow_nan=False)))
def test_numbers_without_a_format_read_back_to_the_same(values):
    text = tsv(["x"], [{"x": value} for value in values])
    assert [float(line) for line in text.splitlines()[1:]] == values
    assert not [line for line in text.splitlines() if line.endswith(".0")]


def test_a_table_of_pyarrow_reads_as_what_pyarrow_itself_writes():
    table = pa.table(
        {
            "task": ["mnli", "none"],
            "value": pa.array([83.25, None], pa.float64()),
            "whole": pa.array([100.0, 1 / 3], pa.float64()),
            "n": pa.array([7, None], pa.int64()),
        }
    )
    stream = io.BytesIO()
    arrow_csv.write_csv(
        table,
        stream,
        arrow_csv.WriteOptions(delimiter="\t", quoting_style="none", quoting_header="none"),
    )
    assert tsv(table.column_names, table.to_pylist()) == stream.getvalue().decode()


def test_what_a_row_lacks_is_missing_and_what_it_has_besides_is_left_out():
    rows = [{"a": 1, "c": 3}, {"b": math.nan}]
    assert tsv(["a", "b"], rows, missing="NA") == "a\tb\n1\tNA\nNA\tNA\n"


def test_a_file_is_written_with_its_folder(tmp_path):
    write_tsv(tmp_path / "new" / "t.tsv", ["a"], [{"a": "é"}])
    assert (tmp_path / "new" / "t.tsv").read_bytes() == "a\né\n".encode()


@pytest.mark.parametrize("word", ["to_csv(", "DictWriter(", "csv.writer(", "write_csv("])
def test_nothing_else_writes_tables_of_its_own(word, root):
    scripts = root / "workflow" / "scripts"
    # The mixed models stand by themselves, without the package.
    apart = scripts / "mixed_models"
    files = [file for file in scripts.rglob("*.py") if apart not in file.parents]
    writers = [file.name for file in files if word in file.read_text(encoding="utf-8")]
    assert writers == (["tsv.py"] if word == "csv.writer(" else [])
