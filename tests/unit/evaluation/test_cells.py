import json

import pytest

from xstilts.evaluation.cells import done_cells
from xstilts.study.errors import StudyError

CELLS = [{"target": "xnli", "run": "a-1"}, {"target": "pos", "run": "b-2"}]


def index(folder, *rows):
    path = folder / "index.tsv"
    lines = ["run\tstatus", *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_diverged_runs_have_no_numbers(tmp_path):
    path = index(tmp_path, ("a-1", "diverged"), ("b-2", "done"))
    found = done_cells(json.dumps(CELLS), ["one", "two"], path)
    assert found == [{"target": "pos", "run": "b-2", "predictions": "two"}]


def test_an_index_of_other_cells(tmp_path):
    path = index(tmp_path, ("a-1", "done"), ("c-3", "done"))
    with pytest.raises(StudyError, match="delete it and run again"):
        done_cells(json.dumps(CELLS), ["one", "two"], path)
