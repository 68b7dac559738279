"""What is being trained now, how far it is, and how long the study still takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from xstilts.commands.forecast import Forecast
from xstilts.commands.forecast_text import wall_time
from xstilts.commands.snakemake_summary import jobs_of
from xstilts.core.layout import aligned, duration
from xstilts.core.progress import Standing, standings
from xstilts.plan.encoders import AnyStudy

HEAD = ["run", "step", "of", "loss", "dev score", "tokens/s", "left", "on"]


def watched(
    study: AnyStudy, snakefile: Path, config: dict[str, Any], cores: int, gpus: int
) -> tuple[str, bool]:
    """The training jobs of this folder and what is left of `study`; and whether that is nothing."""
    running = list(standings())
    runs = {name for stage in study.runs.values() for name in stage}
    done = {
        standing.run: standing.step / max(standing.steps, 1)
        for standing in running
        if standing.run in runs
    }
    forecast = Forecast(study, jobs_of(snakefile, config, study), cores, gpus, done)
    name, pending = study.config["study"], len(forecast.pending)
    if pending:
        ended = len(forecast.lines) - pending
        left = f"Study {name}: {ended} jobs are done, {pending} are not. {wall_time(forecast)}"
    else:
        left = f"Study {name}: all {len(forecast.lines)} jobs are done."
    return f"{standing_table(running)}\n\n{left}", not pending


def standing_table(running: Sequence[Standing]) -> str:
    """A row per training job."""
    if not running:
        return "No training job has said anything in the last ten minutes."
    rows: list[Sequence[object]] = [HEAD]
    for standing in running:
        rows.append([
            standing.run,
            standing.step,
            standing.steps,
            "" if standing.loss is None else f"{standing.loss:.3f}",
            "" if standing.dev_score is None else f"{standing.dev_score:.1f}",
            f"{standing.tokens_per_second:,.0f}",
            "" if standing.seconds_left is None else duration(standing.seconds_left),
            standing.machine,
        ])  # fmt: skip
    return aligned(rows, numbers=range(1, len(HEAD) - 1))
