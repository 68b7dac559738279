import numpy as np
import pytest

from helpers.workshop import KINDS
from xstilts.kinds import kind_of


@pytest.mark.parametrize("kind", KINDS)
def test_units_of_a_kind(workshop, kind):
    workshop.trained("task", kind)
    inputs = workshop.inputs("task", "train")
    units = kind_of(kind).training_units(inputs)
    table = inputs.split.table["input_ids"].to_pylist()
    rows = [[len(one) for one in example] for example in table]
    if kind == "multiple_choice":
        expected = [(len(row), max(row)) for row in rows]
    else:
        expected = [(1, length) for row in rows for length in row]
    assert list(zip(units.count.tolist(), units.length.tolist(), strict=True)) == expected
    everything = units.sequences(np.arange(len(units.first)))
    assert everything.tolist() == list(range(sum(map(len, rows))))
