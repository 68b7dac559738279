"""Learning curves as small multiples: a panel per task, a line per run."""

from dataclasses import dataclass

import pandas as pd

from xstilts.report.formats import number
from xstilts.report.learned import run_folders
from xstilts.report.names import written
from xstilts.report.report_inputs import ReportInputs

WIDTH, HEIGHT = 160, 72


@dataclass(frozen=True)
class Panel:
    """A task's curves: its title, its axes in words, and a line per run as points of an SVG."""

    title: str
    said: str
    lines: list[str]


def panels(inputs: ReportInputs) -> dict[str, list[Panel]]:
    """Panels of the intermediate tasks, and of the targets after each of them."""
    runs = _runs(inputs)
    panels = {}
    for role, heading in (
        ("intermediate", "Intermediate tasks, a line per seed"),
        ("target", "Targets, a line per intermediate task and seed"),
    ):
        rows = runs[runs["role"] == role]
        drawn = [_panel(str(task), own) for task, own in rows.groupby("task", sort=False)]
        names = [*inputs.intermediates, *inputs.targets]
        order = {written(name): rank for rank, name in enumerate(names)}
        drawn.sort(key=lambda panel: order.get(panel.title.split(", ")[0], len(order)))
        if drawn:
            panels[heading] = drawn
    return panels


def _runs(inputs: ReportInputs) -> pd.DataFrame:
    """Every point of a curve with the role and the task of its run."""
    index = inputs.index.assign(
        run=run_folders(inputs.index["run"]), parent_run=run_folders(inputs.index["parent_run"])
    )
    own = index[["run", "target"]].rename(columns={"target": "task"}).assign(role="target")
    parents = index[index["intermediate"] != "none"][["parent_run", "intermediate"]]
    parents.columns = ["run", "task"]
    tasks = pd.concat([parents.assign(role="intermediate"), own]).drop_duplicates()
    # Targets that share a fine-tune share its curve.
    shared = tasks.groupby(["run", "role"], sort=False)["task"].agg(list).reset_index()
    titles = [", ".join(map(written, dict.fromkeys(names))) for names in shared["task"]]
    shared["task"] = titles
    return inputs.curves.merge(shared, on="run")


def _panel(title: str, points: pd.DataFrame) -> Panel:
    low, high = float(points["score"].min()), float(points["score"].max())
    last = int(points["step"].max())
    span = (high - low) or 1.0
    lines = []
    for _, own in points.sort_values("step").groupby("run", sort=False):
        corners = [
            f"{WIDTH * row.step / max(last, 1):.1f},{HEIGHT * (1 - (row.score - low) / span):.1f}"
            for row in own.itertuples()
        ]
        lines.append(" ".join(corners))
    said = f"{number(low)} to {number(high)}, {last:,} steps"
    return Panel(title, said, lines)
