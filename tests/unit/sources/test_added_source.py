"""A source in a file that the project does not have: checked, planned, read, told of."""

import pyarrow as pa
import pyarrow.csv as pc
import pytest

from helpers.toy_data import part
from xstilts import sources
from xstilts.config.study_config import read_config
from xstilts.core.errors import StudyError
from xstilts.core.files import check_unchanged, file_sha256
from xstilts.data.sources import read
from xstilts.plan.stage_code import StageCode
from xstilts.report.report_inputs import ReportInputs
from xstilts.sources import Stock, source_names, source_of

NAME = "csv_files"


@pytest.fixture
def added(add_object):
    add_object(sources, f"new_source/{NAME}.py")
    return source_of(NAME)


@pytest.fixture
def place(tmp_path):
    pc.write_csv(pa.table({"a": [1, 2], "t": ["x", " "]}), tmp_path / "o-n-c-train.csv")
    return tmp_path


def test_a_config_may_name_it(added, base, root, place):
    assert set(source_names()) == {NAME, "demo", "folder", "hub", "text"}
    assert read_config({**base, "source": NAME, "data_root": str(place)}, root)["source"] == NAME
    with pytest.raises(StudyError, match="`source: csv_files` needs data_root"):
        read_config({**base, "source": NAME, "data_root": None}, root)
    with pytest.raises(StudyError, match=r"key 'source': There is no .* did you mean 'csv_files'"):
        read_config({**base, "source": "csv_file"}, root)


def test_its_parts_are_planned_by_their_bytes_and_read(added, place, root):
    stock = Stock({"data_root": str(place)}, root, file_sha256, str)
    assert added.has_part(part(), stock.config) and not added.has_part(part("dev"), stock.config)
    source = added.recipe_of_parts([part()], {}, stock)
    check_unchanged(place, source["files"])
    assert read({**source, "root": place}, part())["a"].to_pylist() == [1, 2]
    lines = added.lines({**source, "root": place}, part(column="t"))
    assert list(lines) == ["x"]  # blank ones are left out
    with pytest.raises(StudyError, match="o/n c train has no column 'u'"):
        list(added.lines({**source, "root": place}, part(column="u")))


def test_its_code_counts_for_data_from_it_alone(tmp_path):
    code = StageCode("tracked", tmp_path)
    demo, hub = (code.of("data", kinds=["tagging"], sources=[name]) for name in ("demo", "hub"))
    assert demo != hub
    grammar = {digest: any("generated_text" in name for name in names)
               for digest, names in code.definitions.items()}  # fmt: skip
    assert grammar == {demo: True, hub: False}


def test_a_report_knows_it(added):
    given = {"study": "a", "description": "", "intermediates": [], "targets": []}
    tables = dict.fromkeys(("index", "scores", "gains", "learning"))
    assert ReportInputs(**given, **tables, data=NAME).data == NAME
    assert source_of(NAME).banner == "toy: text from a spreadsheet"
    with pytest.raises(StudyError, match="There is no source of data 'csv'"):
        ReportInputs(**given, **tables, data="csv")
