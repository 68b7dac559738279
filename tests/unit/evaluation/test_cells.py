import hashlib
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xstilts.core.canonical import digest
from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256
from xstilts.core.receipts import DamagedRun, publish
from xstilts.evaluation.cells import MADE_ON, done_cells, prepared_data
from xstilts.evaluation.numerics import UNKNOWN

pytestmark = pytest.mark.fault

CELLS = [{"target": "xnli", "run": "a-1"}, {"target": "pos", "run": "b-2"}]


def index(folder, *rows):
    path = folder / "index.tsv"
    lines = ["run\tstatus", *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def predictions(tmp_path):
    """Files of two runs, the first of which diverged."""
    paths = []
    for run, status in (("a-1", "diverged"), ("b-2", "done")):
        content = run.encode()
        path = tmp_path / run / "predictions.parquet"
        path.parent.mkdir()
        path.write_bytes(content)
        files = {path.name: hashlib.sha256(content).hexdigest()}
        publish(path.parent, {"status": status, "files": files})
        paths.append(str(path))
    return paths


def test_diverged_runs_have_no_numbers(tmp_path, predictions):
    path = index(tmp_path, ("a-1", "diverged"), ("b-2", "done"))
    found = done_cells(json.dumps(CELLS), predictions, path)
    expected = CELLS[1] | {"predictions": predictions[1], "numerics": (UNKNOWN, UNKNOWN)}
    assert found == [expected]


@pytest.mark.parametrize(
    "rows", [[("a-1", "diverged"), ("c-3", "done")], [("a-1", "done"), ("b-2", "done")]]
)
def test_an_index_of_other_cells(tmp_path, predictions, rows):
    path = index(tmp_path, *rows)
    with pytest.raises(StudyError, match="delete it and run again"):
        done_cells(json.dumps(CELLS), predictions, path)


@pytest.mark.parametrize("number", [0, 1])
def test_predictions_that_changed_are_not_read(tmp_path, predictions, number):
    path = index(tmp_path, ("a-1", "diverged"), ("b-2", "done"))
    done_cells(json.dumps(CELLS), predictions, path)
    with open(predictions[number], "ab") as stream:  # noqa: PTH123
        stream.write(b"x")
    with pytest.raises(DamagedRun, match="missing or damaged") as caught:
        done_cells(json.dumps(CELLS), predictions, path)
    assert caught.value.folder.name == CELLS[number]["run"]


def made_on(folder, seed, named, promised="data-a"):
    """A finished run whose recipe promises some data and whose predictions name `named`."""
    recipe = {"seed": seed, "evaluation": [{"target": "pos", "data": promised}]}
    run = f"none--pos-seed{seed}-{digest(recipe)}"
    path = folder / run / "predictions.parquet"
    path.parent.mkdir()
    table = pa.table({"target": ["pos"]})
    metadata = None if named is None else {MADE_ON: json.dumps({"pos": named})}
    pq.write_table(table.replace_schema_metadata(metadata), path)
    receipt = {"status": "done", "recipe": recipe, "files": {path.name: file_sha256(path)}}
    publish(path.parent, receipt)
    return run, str(path)


@pytest.mark.parametrize("named", ["data-b", None])
def test_predictions_on_other_data_are_not_read(tmp_path, named):
    good, bad, worse = (
        made_on(tmp_path, 1, "data-a"),
        *(made_on(tmp_path, n, named) for n in (2, 3)),
    )
    assert prepared_data(good[1]) == {"pos": "data-a"}
    rows = [(run, "done") for run, _ in (good, bad, worse)]
    cells = json.dumps([{"run": run} for run, _ in rows])
    path = index(tmp_path, *rows)
    with pytest.raises(DamagedRun, match="predictions on other data") as caught:
        done_cells(cells, [good[1], bad[1], worse[1]], path)
    damaged = [caught.value, *caught.value.others]
    assert [error.folder.name for error in damaged] == [bad[0], worse[0]]
    path = index(tmp_path, rows[0])
    assert done_cells(json.dumps([{"run": good[0]}]), [good[1]], path)[0]["run"] == good[0]


def test_receipts_of_exchanged_folders_are_not_read(tmp_path):
    one, two = made_on(tmp_path, 1, "data-a"), made_on(tmp_path, 2, "data-a")
    (tmp_path / one[0]).rename(tmp_path / "aside")
    (tmp_path / two[0]).rename(tmp_path / one[0])
    (tmp_path / "aside").rename(tmp_path / two[0])
    path = index(tmp_path, (one[0], "done"), (two[0], "done"))
    cells = json.dumps([{"run": one[0]}, {"run": two[0]}])
    with pytest.raises(DamagedRun, match="receipt of another run"):
        done_cells(cells, [one[1], two[1]], path)
