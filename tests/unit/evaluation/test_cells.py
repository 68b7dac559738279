import hashlib
import json

import pytest

from xstilts.core.errors import StudyError
from xstilts.core.receipts import DamagedRun, publish
from xstilts.evaluation.cells import done_cells

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
    assert found == [{"target": "pos", "run": "b-2", "predictions": predictions[1]}]


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
