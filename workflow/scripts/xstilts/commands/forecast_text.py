"""The forecast as a terminal shows it."""

from xstilts.commands.costs import UNKNOWN, Cost
from xstilts.commands.differences import Change
from xstilts.commands.forecast import TABLES, Forecast, Line
from xstilts.commands.history import Label
from xstilts.core.layout import aligned, duration, listed
from xstilts.core.paths import STAGES

MOST_CAUSES = 12
MOST_CHARACTERS = 60


def forecast_text(forecast: Forecast, written_to: str) -> str:
    """Counts and costs by stage, causes with the rows and columns they concern, the wall time."""
    name, there = forecast.study.config["study"], len(forecast.lines) - len(forecast.pending)
    if not forecast.pending:
        return f"Study {name}: nothing to run, all {there} jobs are done.\n{written_to}"
    parts = [
        f"Study {name}: {len(forecast.pending)} jobs to run, {there} done already.",
        _stages(forecast),
        _causes(forecast),
        _cells(forecast),
        wall_time(forecast),
        written_to,
    ]
    return "\n\n".join(part for part in parts if part)


def span(cost: Cost) -> str:
    """The interval of a cost."""
    return f"{duration(cost.low)} to {duration(cost.high)}"


def _stages(forecast: Forecast) -> str:
    unit = "GPU" if forecast.study.config["accelerator"] == "gpu" else "core"
    rows: list[list[object]] = [["stage", "to run", "done", f"{unit} time", "9 times in 10", ""]]
    for stage in (*STAGES, TABLES):
        lines = [line for line in forecast.lines if line.stage == stage]
        pending = [line for line in lines if line.pending]
        rows.append([f"{stage}s" if stage == TABLES else stage, len(pending)])
        rows[-1] += [len(lines) - len(pending), *_cost(forecast, pending)]
    pending = forecast.pending
    rows.append(["total", len(pending), len(forecast.lines) - len(pending)])
    rows[-1] += _cost(forecast, pending)
    return aligned([row for row in rows if row[1] or row[2]], numbers=(1, 2, 3))


def _cost(forecast: Forecast, lines: list[Line]) -> list[str]:
    if not lines:
        return ["", "", ""]
    total = forecast.total(lines)
    if total is UNKNOWN:
        unknown = sum(line.cost is UNKNOWN for line in lines)
        which = "it" if unknown == len(lines) else f"that of {unknown}"
        return ["unknown", "", f"no receipt tells {which}; see the config key 'costs'"]
    return [duration(total.seconds), span(total), total.basis]


def _causes(forecast: Forecast) -> str:
    rows: list[list[object]] = [["why", "runs", "rows", "columns"]]
    causes = forecast.by_cause().most_common()
    for change, runs in causes[:MOST_CAUSES]:
        rows.append([shortened(change), runs, *_place(forecast, change)])
    text = aligned(rows, numbers=(1,))
    if len(causes) > MOST_CAUSES:
        text += f"\n... and {len(causes) - MOST_CAUSES} more causes in the TSV"
    return text if causes else ""


def shortened(change: Change) -> str:
    """A change on one line: of long lists, only what came and went."""
    text = str(change)
    if change.kind == "key" and len(text) > MOST_CHARACTERS:
        old, new = change.old.split(), change.new.split()
        gone = [f"-{word}" for word in old if word not in new]
        came = [f"+{word}" for word in new if word not in old]
        text = f"{change.name}: {listed([*came, *gone])}"
    return text if len(text) <= 2 * MOST_CHARACTERS else text[: 2 * MOST_CHARACTERS] + "..."


def _place(forecast: Forecast, change: Change) -> tuple[str, str]:
    labels = [
        Label.of(line.run.label)
        for line in forecast.pending
        if line.run and change in line.causes and line.stage in ("intermediate", "target")
    ]
    rows, columns = (
        {label.row for label in labels},
        {name for label in labels for name in label.targets},
    )
    study = forecast.study
    return (
        _named([row for row in study.run_rows if row in rows], study.run_rows),
        _named([name for name in study.target_tasks if name in columns], study.target_tasks),
    )


def _named(names: list[str], every: list[str]) -> str:
    return f"all {len(every)}" if len(names) == len(every) > 1 else listed(names)


def _cells(forecast: Forecast) -> str:
    cells, every = forecast.cells(), len(forecast.study.cells) + len(forecast.study.cheap_cells)
    if not cells:
        return ""
    rows, columns = ({cell[side] for cell in cells} for side in (0, 1))
    study = forecast.study
    return (
        f"Cells: {len(cells)} of {every} anew, in "
        f"rows {_named([row for row in study.run_rows if row in rows], study.run_rows)}, "
        f"columns {_named([t for t in study.target_tasks if t in columns], study.target_tasks)}."
    )


def wall_time(forecast: Forecast) -> str:
    """How long the pending jobs take, with what is not counted."""
    cores = "1 core" if forecast.cores == 1 else f"{forecast.cores} cores"
    if unknown := sum(line.cost is UNKNOWN for line in forecast.pending):
        jobs = "that of one job is" if unknown == 1 else f"those of {unknown} jobs are"
        return (
            f"Wall time with {cores}: not known, as of the costs {jobs} not; give them in the "
            "config, key 'costs', or run one of them."
        )
    middle, low, high = map(duration, forecast.wall)
    slower = [f"{ratio:.2f}" for ratio in forecast.slower]
    return (
        f"Wall time with {cores}: about {middle} ({low} to {high}): the core time in the order of "
        f"the jobs, times {slower[0]} ({slower[1]} to {slower[2]}), as jobs here took longer than "
        "their core time."
    )
