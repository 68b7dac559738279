"""What `xstilts forecast`, `stale`, `prune` and `explain` answer: text for the terminal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.commands.cell_result import cell_result
from xstilts.commands.explain import Known, explanation, named_cell, study_of_encoder
from xstilts.commands.forecast import Forecast
from xstilts.commands.forecast_text import forecast_text
from xstilts.commands.history import History
from xstilts.commands.known_studies import named_runs, recorded_runs, studies_of
from xstilts.commands.snakemake_summary import jobs_of
from xstilts.commands.stale import LIST, StaleRun, prune, read_list, stale_runs, write_list
from xstilts.core.errors import StudyError
from xstilts.core.layout import age, aligned, size
from xstilts.jobs.snakemake_bridge import lock_files
from xstilts.plan.encoders import AnyStudy

MOST_RUNS = 25


def forecast(
    study: AnyStudy, snakefile: Path, config: dict[str, Any], cores: int, gpus: int
) -> str:
    """What would run and at which cost; also written as forecast.tsv in the study's folder."""
    expected = Forecast(study, jobs_of(snakefile, config, study), cores, gpus)
    path = study.tables / "forecast.tsv"
    expected.write(path)
    return forecast_text(expected, f"Job by job: {path}")


def _stale(study: AnyStudy, root: Path) -> tuple[list[StaleRun], list[str]]:
    folders = dict.fromkeys([root / "config", Path("config").resolve()])
    others, problems = studies_of(folders, root, study.config["data_root"])
    planned = [study, *others]
    recorded, unreadable = recorded_runs(planned)
    return stale_runs(named_runs(planned) | recorded), [*problems, *unreadable]


def list_stale(study: AnyStudy, root: Path) -> str:
    """Runs that no config here and no study that ever started here names; kept for `prune`."""
    runs, problems = _stale(study, root)
    write_list(runs)
    return "\n\n".join([*_runs(runs, "Stale"), *_unknown(problems), f"All of them: {LIST}"])


def prune_stale(study: AnyStudy, root: Path, dry: bool) -> str:
    """Delete what `stale` listed last and is stale still; with `dry` only say so.

    Raises:
        StudyError: nothing was listed, a config cannot be planned, or Snakemake is at work here.
    """
    listed = read_list()
    runs, problems = _stale(study, root)
    if problems:
        raise StudyError("nothing is deleted. " + " ".join(_unknown(problems)))
    if dry:
        would = [run for run in runs if run.folder.as_posix() in listed]
        return "\n\n".join(_runs(would, "Would delete"))
    if lock_files():
        raise StudyError(
            "nothing is deleted: another Snakemake works in this folder; wait for its end, or, if "
            "it was killed, say `snakemake --unlock`."
        )
    deleted, kept = prune(listed, runs)
    LIST.unlink()
    more = [f"... and {len(kept) - MOST_RUNS} more stay"] if len(kept) > MOST_RUNS else []
    parts = [*_runs(deleted, "Deleted"), "\n".join([*kept[:MOST_RUNS], *more])]
    return "\n\n".join(part for part in parts if part)


def _unknown(problems: list[str]) -> Iterator[str]:
    for problem in problems:
        yield (
            f"The runs of a study are unknown, and may look stale without being so: {problem} "
            "Mend it or move it away; `xstilts prune` waits for that."
        )


def _runs(runs: list[StaleRun], what: str) -> list[str]:
    total = size(sum(run.bytes for run in runs))
    head = f"{what}: {len(runs)} folder{'s' * (len(runs) != 1)}, {total}."
    if not runs:
        return [head]
    rows: list[list[object]] = [["folder", "size", "age", ""]]
    for run in runs[:MOST_RUNS]:
        unfinished = "" if run.finished or run.stage == "scratch" else "unfinished"
        rows.append([run.folder, size(run.bytes), age(run.age_seconds), unfinished])
    more = f"\n... and {len(runs) - MOST_RUNS} more" if len(runs) > MOST_RUNS else ""
    return [head, aligned(rows, numbers=(1, 2)) + more]


def explain(study: AnyStudy, question: dict[str, Any], encoder: str | None = None) -> str:
    """The family tree behind a run, or behind the score and gain of a cell.

    `encoder` is the one of several encoders that a cell is of.

    Raises:
        StudyError: neither or both are asked for, or there is no such thing.
    """
    if len(question) != 1:
        raise StudyError(
            "xstilts explain: say which number, with --run NAME or --cell INTERMEDIATE/TARGET/SEED."
        )
    known = Known(study, History())
    if "cell" in question:
        own = study_of_encoder(study, encoder)
        cell = named_cell(own, str(question["cell"]))
        return f"{cell_result(own, cell)}\n\n{explanation(known, cell.run.name)}"
    return explanation(known, str(question["run"]))
