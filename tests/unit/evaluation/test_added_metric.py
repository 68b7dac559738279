"""A metric in a file that the project does not have: named, scored, resampled, headed."""

import sys

import numpy as np
import pandas as pd
import pytest

from helpers import cells
from xstilts.core.errors import StudyError
from xstilts.evaluation import metrics
from xstilts.evaluation.choice import choose_intermediates
from xstilts.evaluation.gains import gains
from xstilts.evaluation.scores import score_cells
from xstilts.plan.task_kinds import check_metrics
from xstilts.report.scores_table import metric_names

NAME = "inverse_mean_error"
CODE = '''"""The inverse of the mean absolute error: no mean, no F1, and of a width of its own."""

import numpy as np

from xstilts.evaluation.metrics.protocol import Metric


class InverseMeanError(Metric):
    width = 2

    @property
    def paper_name(self):
        return "1 / MAE"

    def contribute(self, predictions, golds, language):
        pairs = zip(predictions, golds, strict=True)
        errors = [abs(float(predicted) - float(gold)) for predicted, gold in pairs]
        return np.stack([np.array(errors), np.ones(len(errors))], axis=1)

    def score_of_totals(self, totals, examples):
        return 100 * totals[..., 1] / (totals[..., 0] + totals[..., 1])


METRIC = InverseMeanError()
'''


@pytest.fixture
def added(tmp_path, monkeypatch):
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / f"{NAME}.py").write_text(CODE)
    monkeypatch.setattr(metrics, "__path__", [*metrics.__path__, str(folder)])
    yield
    sys.modules.pop(f"{metrics.__name__}.{NAME}", None)


def rows(shift: float) -> list[tuple[str, str, str, str]]:
    return [("en", f"e{i}", str(i + shift * (i % 3)), str(i)) for i in range(40)]


def expected(shift: float) -> float:
    return 100 / (1 + np.mean([shift * (i % 3) for i in range(40)]))


def test_it_is_not_there_before() -> None:
    assert NAME not in metrics.metric_names()
    with pytest.raises(StudyError, match="There is no metric"):
        check_metrics({"sts": {"metrics": [NAME]}})


def test_it_is_there_without_an_edit(added, tmp_path) -> None:
    check_metrics({"sts": {"metrics": [NAME, "pearson"]}})
    made = [
        cells.cell(tmp_path, name, "sts", [NAME, "pearson"], rows(shift))
        for name, shift in (("none", 1.0), ("mnli", 0.2))
    ]
    scores = score_cells(made, {"sts": made[0]["metrics"]})
    found = {(r["intermediate"], r["metric"]): r["value"] for r in scores.to_pylist()}
    assert found["none", NAME] == pytest.approx(expected(1.0))
    assert found["mnli", NAME] == pytest.approx(expected(0.2))
    assert 99 < found["none", "pearson"] < found["mnli", "pearson"] < 100
    table, problems = gains(made, scores, set(), 300, 1)
    (gain,) = table.to_pylist()
    assert problems == []
    assert gain["gain"] == pytest.approx(expected(0.2) - expected(1.0))
    assert gain["low"] < gain["gain"] < gain["high"]
    frame = pd.DataFrame(scores.to_pylist())
    assert metric_names(frame, ["sts"]) == {"sts": "1 / MAE"}


def test_an_intermediate_task_is_chosen_by_it(added, tmp_path) -> None:
    made = [
        cells.cell(tmp_path, name, "sts", [NAME], rows(shift), receipt=cells.judged(score))
        for name, shift, score in (("none", 1.0, 40.0), ("mnli", 0.2, 80.0), ("qqp", 0.5, 60.0))
    ]
    best, rivals = choose_intermediates(made, "english_dev", 200, 1)
    (row,) = best.to_pylist()
    assert row["intermediate"] == "mnli"
    assert row["test_score"] == pytest.approx(expected(0.2))
    assert [row["intermediate"] for row in rivals.to_pylist()] == ["mnli", "qqp", "none"]
