"""What a config in hand would run, why, and at which cost."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.commands.causes import Causes
from xstilts.commands.costs import UNKNOWN, Cost, Costs
from xstilts.commands.differences import Change
from xstilts.commands.history import History, Label
from xstilts.commands.known_code import CodeMemory
from xstilts.commands.known_studies import start_of
from xstilts.commands.schedule import wall_seconds
from xstilts.commands.slowdown import slowdown, took
from xstilts.commands.snakemake_summary import Job
from xstilts.core.paths import STAGES
from xstilts.core.tsv import write_tsv
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.recipes import Run, all_parents

TABLES = "table"
COLUMNS = (
    "stage", "job", "intermediate", "target", "seed", "status", "why", "seconds", "low", "high",
    "basis",
)  # fmt: skip
# A table's job where no log tells how long the last one took.
TABLE_COST = Cost(5, 2, 30, "a guess")
# Core-seconds in which Snakemake starts, and in which it starts a job and notices its end.
START, OVERHEAD = 2.0, 0.5


@dataclass(frozen=True)
class Line:
    """One job of the forecast; `run` is None for a table, which may be that of one encoder."""

    stage: str
    job: str
    run: Run | None
    pending: bool
    causes: tuple[Change, ...]
    cost: Cost
    encoder: str = ""


class Forecast:
    """All jobs of a study with their causes and costs.

    Attributes:
        lines: the jobs, by stage.
        study: the study in hand.
        wall: seconds at `cores`: the middle, low and high.
        slower: wall time per core time of a job here, likewise.
    """

    def __init__(
        self,
        study: AnyStudy,
        jobs: Iterable[Job],
        cores: int,
        gpus: int = 1,
        done: Mapping[str, float] | None = None,
    ) -> None:
        """`jobs` are Snakemake's, `cores` and `gpus` what may run at a time.

        `done` are the shares (0 to 1) that are behind the runs which are being made now.
        """
        self.study, self.cores, self.done = study, cores, done or {}
        history = History()
        self.costs = Costs(study, history)
        started = start_of(study.config["study"]) is not None
        last = runs_of_last_tables(study)
        self.causes = Causes(history, CodeMemory(study.code), last, started)
        self.runs = {name: run for runs in study.runs.values() for name, run in runs.items()}
        several = len(study.by_encoder) > 1
        self.encoders = _encoders_of_runs(study) if several else {}
        self.columns = (*COLUMNS[:2], "encoder", *COLUMNS[2:]) if several else COLUMNS
        lines = [self._run(job) if job.run else self._table(job) for job in jobs]
        ranks = {stage: rank for rank, stage in enumerate((*STAGES, TABLES))}
        self.lines = sorted(lines, key=lambda line: ranks[line.stage])
        self.slower = slowdown()
        self.wall = [
            (self._wall(which, gpus) + START) * slower
            for which, slower in zip(("seconds", "low", "high"), self.slower, strict=True)
        ]

    def _run(self, job: Job) -> Line:
        run = self.runs[job.run]
        if not job.pending:
            return Line(run.stage, run.name, run, False, (), UNKNOWN)
        if run.receipt.exists():
            lost = f"a file of the run is {job.status or 'unfinished'}"
            causes = frozenset({Change("lost", lost)})
        else:
            causes = self.causes.of(run)
        cost = self.costs.of(run)
        if run.name in self.done and cost is not UNKNOWN:
            cost = cost.times(1 - self.done[run.name])
        return Line(run.stage, run.name, run, True, tuple(sorted(causes)), cost)

    def _table(self, job: Job) -> Line:
        if not job.pending:
            return Line(TABLES, job.name, None, False, (), UNKNOWN, job.encoder)
        changed = "settings or code changed" if self.causes.started else "not made before"
        said = {"missing": "not made before", "params changed": changed}
        why = Change("new", said.get(job.status, "what it reads is made anew"))
        cost = table_cost(self.study, job.rule, job.encoder)
        return Line(TABLES, job.name, None, True, (why,), cost, job.encoder)

    @property
    def pending(self) -> list[Line]:
        """The jobs that would run."""
        return [line for line in self.lines if line.pending]

    def total(self, lines: Iterable[Line]) -> Cost:
        """Costs of `lines` together; their errors are taken to have one sign (a slower machine).

        UNKNOWN where that of one of them is: a part of it would be taken for the whole.
        """
        costs = [line.cost for line in lines]
        if UNKNOWN in costs:
            return UNKNOWN
        seconds, low, high = (
            sum(getattr(cost, name) for cost in costs) for name in ("seconds", "low", "high")
        )
        return Cost(seconds, low, high, "")

    def cells(self) -> list[tuple[str, str, int]]:
        """Cells whose predictions would be made."""
        names = {line.job for line in self.pending}
        return [
            cell.place
            for cell in [*self.study.cells, *self.study.cheap_cells]
            if cell.run.name in names
        ]

    def _wall(self, which: str, gpus: int) -> float:
        lines = self.pending
        runs = [line.job for line in lines if line.run]
        parents = {
            line.job: [parent.name for parent in all_parents(line.run)] if line.run else runs
            for line in lines
        }
        # Two at a time: of the demo's tables, 24 s, the longest chain takes 14.
        tables = [line.job for line in lines if not line.run]
        for before, after in zip(tables, tables[2:], strict=False):
            parents[after] = [*parents[after], before]
        on_gpu = self.study.config["accelerator"] == "gpu"
        gpu_jobs = frozenset(
            line.job for line in lines if on_gpu and line.stage in ("intermediate", "target")
        )
        seconds = {line.job: getattr(line.cost, which) + OVERHEAD for line in lines}
        return wall_seconds(seconds, parents, self.cores, gpu_jobs, gpus)

    def by_cause(self) -> Counter[Change]:
        """How many jobs, tables apart, each cause is behind."""
        return Counter(change for line in self.pending if line.run for change in line.causes)

    def write(self, path: Path) -> None:
        """The forecast as TSV, a line per job, in the columns of COLUMNS."""
        write_tsv(path, self.columns, map(self.row, self.lines))

    def row(self, line: Line) -> dict[str, Any]:
        """A line of the TSV."""
        label = Label.of(line.run.label) if line.run else Label("", frozenset(), "")
        tuned = line.stage in ("intermediate", "target")
        cost = line.cost
        encoder = {"encoder": line.encoder or self.encoders.get(line.job, "")}
        return {
            "stage": line.stage,
            "job": line.job,
            **(encoder if self.encoders else {}),
            "intermediate": label.row if tuned else "",
            "target": " ".join(sorted(label.targets)),
            "seed": label.seed,
            "status": "to run" if line.pending else "there",
            "why": "; ".join(map(str, line.causes)),
            "seconds": f"{cost.seconds:.1f}" if line.pending else "0",
            "low": f"{cost.low:.1f}" if line.pending else "0",
            "high": f"{cost.high:.1f}" if line.pending else "0",
            "basis": cost.basis if line.pending else "",
        }


def runs_of_last_tables(study: AnyStudy) -> frozenset[str]:
    """Runs that the study's index names, as it was written last."""
    runs = (_runs_of_index(own.tables / "index.tsv") for own in study.by_encoder.values())
    return frozenset().union(*runs)


def _runs_of_index(path: Path) -> frozenset[str]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream, delimiter="\t"))
        return frozenset(row[key] for row in rows for key in ("run", "parent_run"))
    except (OSError, UnicodeDecodeError, KeyError):
        return frozenset()


def _encoders_of_runs(study: AnyStudy) -> dict[str, str]:
    """Names of the encoders, of which several may share a run, by the run's name."""
    encoders_of: dict[str, list[str]] = defaultdict(list)
    for name, own in study.by_encoder.items():
        for run in (run for runs in own.runs.values() for run in runs):
            encoders_of[run].append(name)
    return {run: " ".join(names) for run, names in encoders_of.items()}


def table_cost(study: AnyStudy, rule: str, encoder: str = "") -> Cost:
    """Core-seconds of a table's job, from its last log in this study, or else in any other."""
    logs = Path("logs", "studies")
    own = logs.joinpath(study.config["study"], *filter(None, [encoder]), f"{rule}.log")
    for log in (own, *sorted(logs.glob(f"**/{rule}.log"))):
        if seconds := took(log):
            return Cost(seconds[1], seconds[1] / 2, seconds[1] * 2, "its last log")
    return TABLE_COST
