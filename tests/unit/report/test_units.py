"""Columns are written by their units, and checked against them."""

import dataclasses
import re

import pandas as pd
import pytest

from helpers.page_reader import Page
from xstilts.core.errors import StudyError
from xstilts.core.table_contract import COUNT, FLAG, POINTS, PROBABILITY, SHARE, WORD
from xstilts.report import units
from xstilts.report.page import render


@pytest.mark.parametrize(
    "value, unit, said",
    [(86, COUNT, "86"), (1200.0, COUNT, "1,200"), (0.889, SHARE, "88.9 %"),
     (0.04, PROBABILITY, "0.040"), (0.0002, PROBABILITY, "< 0.001"), (-1.26, POINTS, "−1.3"),
     (-0.214, "standard deviations", "−0.21"), (28.0, "GiB", "28.00"), (True, FLAG, "yes"),
     (0, FLAG, "no"), (None, SHARE, "–"), ("mnli", WORD, "MNLI")],
)  # fmt: skip
def test_a_value_is_written_as_its_unit_wants_it(value, unit, said):
    assert units.text(value, unit, str.upper) == said


@pytest.mark.parametrize(
    "value, unit", [(0.889, COUNT), (86, SHARE), (-1, COUNT), (1.2, PROBABILITY), (2, FLAG)]
)
def test_what_cannot_be_of_its_unit_is_named(value, unit):
    with pytest.raises(StudyError, match=rf"'coverage', column 'covered': {value} is no {unit}"):
        units.check(pd.DataFrame({"covered": [value]}), {"covered": unit}, "coverage")


def test_a_count_never_stands_beside_a_share_of_another_kind(full_inputs):
    page = Page(render(full_inputs))
    head, *rows = page.table("Prediction for tasks and languages not seen")
    assert head[2:] == ["inside", "gains", "share", "promised"]
    assert rows[0][2:] == ["79", "90", "87.8 %", "90.0 %"]
    shares = full_inputs.coverage.assign(covered=0.88)
    with pytest.raises(StudyError, match=r"0\.88 is no count"):
        render(dataclasses.replace(full_inputs, coverage=shares))


def test_every_number_of_an_inference_table_has_a_unit(full_inputs):
    contracts = {contract.name: contract for contract in full_inputs.contracts}
    for name, table in full_inputs.inference.items():
        for column, unit in contracts[name].columns.items():
            if len(table) and table[column].dtype.kind in "iufb":
                assert unit != WORD, f"{name}.{column} holds numbers and says no unit"
        units.check(table, contracts[name].columns, name)


def test_a_table_of_inference_that_breaks_its_contract_stops_the_page(full_inputs):
    fit = full_inputs.inference["measures"].assign(p=1.5)
    with pytest.raises(StudyError, match=r"'measures', column 'p': 1\.5 is no probability"):
        dataclasses.replace(full_inputs, inference={**full_inputs.inference, "measures": fit})


def test_every_table_says_how_many_rows_it_has(full_inputs):
    page = Page(render(full_inputs))
    assert len(page.tables) > 20
    for caption, rows in page.tables.items():
        if not caption:  # the map
            continue
        said = int(re.search(r"([\d,]+)\xa0rows?$", caption)[1].replace(",", ""))
        assert said == len(rows) - 1, caption
