"""A table of inference is one file: a toy one reaches writer and page without an edit elsewhere."""

import json
import sys

import pandas as pd
import pytest

from helpers.page_reader import Page
from helpers.simulated_study import make_inputs
from xstilts.core.table_contract import TableContract
from xstilts.inference import tables
from xstilts.inference.run import Inputs, infer
from xstilts.inference.table_files import write_summary, write_tables
from xstilts.report.page import render


@pytest.fixture
def toy(add_object) -> str:
    add_object(tables, "toys/inference_tables/spread.py")
    return "spread"


def test_every_table_bears_the_name_of_its_file_and_a_rank_of_its_own():
    for table in tables.inference_tables():
        assert sys.modules[f"xstilts.inference.tables.{table.name}"].TABLE is table
        assert table.caption.endswith(".") and table.columns
    ranks = [table.order for table in tables.inference_tables()]
    assert len(set(ranks)) == len(ranks)


def test_a_toy_table_goes_all_the_way_to_the_page(toy, simulated, config, tmp_path):
    few = simulated.gains[simulated.gains["intermediate"].isin(["mnli", "qqp", "ccg"])]
    made = infer(Inputs(few, simulated.similarity, simulated.languages), config)
    write_tables(made.tables, tmp_path)
    write_summary(made.summary, tmp_path / "inference.json")
    assert toy in json.loads((tmp_path / "inference.json").read_text())["tables"]
    written = pd.read_csv(tmp_path / f"{toy}.tsv", sep="\t")
    gains = made.tables["dyads"].groupby("target")["gain"]
    assert written["range"].tolist() == pytest.approx((gains.max() - gains.min()).tolist())

    # As JSON, which is how the page is told of the tables.
    told = json.loads(json.dumps([table.contract() for table in tables.inference_tables()]))
    contracts = [TableContract(**contract) for contract in told]
    page = Page(render(make_inputs(inference={toy: written}, contracts=contracts)))
    rows = page.table("Range of the gains")
    # A heading bears its unit below it.
    assert rows[0] == ["target", "range|points"] and len(rows) == len(written) + 1
