"""The forecast's table and text, and what it reads besides receipts."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.finished_study import finish
from xstilts.commands.forecast import COLUMNS, Forecast, table_cost
from xstilts.commands.forecast_text import forecast_text
from xstilts.commands.slowdown import slowdown
from xstilts.commands.snakemake_summary import Job, jobs_in
from xstilts.core.layout import aligned, duration, size

RULES = {"encoder": "build_encoder", "data": "prepare_task", "activations": "compute_activations",
         "intermediate": "finetune_intermediate", "target": "finetune_target",
         "embeddings": "embed_task", "evidence": "score_evidence"}  # fmt: skip


def jobs(study) -> list[Job]:
    """All jobs of `study`: those run whose receipt is not there, and one table."""
    found = [
        Job(RULES[stage], run.name, not run.receipt.exists(), "")
        for stage, runs in study.runs.items()
        for run in runs.values()
    ]
    return [*found, Job("render_report", "", True, "missing")]


def forecast(study, cores=2) -> Forecast:
    return Forecast(study, jobs(study), cores)


def test_costs_add_up(plan):
    finish(plan(), lambda run: 40.0)
    found = forecast(plan(tasks__qqp__training__learning_rate=3e-5))
    # The row's encoder, its eight columns, LogME on it; and a table of unknown cost.
    assert sum(line.run is not None for line in found.pending) == 10
    total = found.total([line for line in found.pending if line.run])
    assert total.seconds == 10 * 40
    assert total.low < 10 * 40 < total.high
    # The encoder, nine jobs two by two, the table, and Snakemake's own seconds.
    assert found.wall[0] == pytest.approx(40.5 + 5 * 40.5 + 5.5 + 2)


def test_table_has_a_line_for_each_job(plan):
    finish(plan())
    study = plan(tasks__qqp__training__learning_rate=3e-5)
    found = forecast(study)
    found.write(study.tables / "forecast.tsv")
    with (study.tables / "forecast.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == sum(map(len, study.runs.values())) + 1
    row = next(row for row in rows if row["job"].startswith("qqp--mlqa+xquad"))
    assert (row["intermediate"], row["target"], row["seed"]) == ("qqp", "mlqa xquad", "1")
    assert (row["status"], row["why"]) == ("to run", "training.learning_rate: 1e-05 -> 3e-05")
    assert float(row["low"]) < float(row["seconds"]) < float(row["high"])
    assert {row["status"] for row in rows if row["stage"] == "data"} == {"there"}


def test_text_names_rows_columns_and_cells(plan):
    finish(plan())
    text = forecast_text(forecast(plan(tasks__qqp__training__learning_rate=3e-5)), "There.")
    assert text.startswith("Study tiny: 11 jobs to run, ")
    assert "training.learning_rate: 1e-05 -> 3e-05    10  qqp   all 9" in text
    assert "Cells: 9 of 99 anew, in rows qqp, columns all 9." in text
    assert text.endswith("There.")


def test_unknown_costs_are_said_to_be_unknown(plan):
    study = plan()
    finish(study)
    for run in study.runs["intermediate"].values():
        run.receipt.unlink()
    text = forecast_text(forecast(study), "")
    assert re.search(r"^intermediate +10 +0 +unknown +no receipt tells it; see", text, re.M)
    # A part of the costs would be taken for the whole.
    assert re.search(r"^total +11 +\d+ +unknown +no receipt tells that of 10; see", text, re.M)
    assert "not known, as of the costs those of 10 jobs are not" in text


def test_long_lists_show_what_came_and_went(plan):
    finish(plan())
    text = forecast_text(forecast(plan(multitask__tasks=plan().intermediate_tasks[1:])), "")
    assert "multitask.tasks: -anli" in text


def write_log(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def test_a_tables_cost_stands_in_its_log(plan):
    study = plan()
    assert table_cost(study, "render_report").basis == "a guess"
    write_log("logs/studies/other/render_report.log", "took 9.0 s, 6.0 s of a core\n")
    assert table_cost(study, "render_report").seconds == 6
    write_log(
        "logs/studies/tiny/render_report.log",
        "took 1.0 s, 1.0 s of a core\nremark\ntook 8.5 s, 4.2 s of a core\n",
    )
    assert table_cost(study, "render_report").seconds == 4.2


def test_a_shared_machine_is_slower(plan):
    plan()
    assert slowdown() == (1.0, 1.0, 1.2)
    for number, wall in enumerate([1.0, 4.0, 6.0, 8.0, 2.0]):
        write_log(f"logs/target/{number}.log", f"took {wall} s, 2.0 s of a core\n")
    write_log("logs/target/short.log", "took 9.0 s, 0.1 s of a core\n")
    assert slowdown() == (2.0, 1.0, 4.0)


def test_summary_is_read_by_run_and_table():
    text = "\n".join(
        [
            "Some remark.",
            "output_file\tdate\trule\tlog-file(s)\tstatus\tplan",
            "results/runs/target/a-1/a.parquet\t-\tfinetune_target\t-\tmissing\tupdate pending",
            "results/runs/target/a-1/receipt.json\t-\tfinetune_target\t-\tmissing\tupdate pending",
            "results/runs/target/b-2/receipt.json\tx\tfinetune_target\t-\tok\tno update",
            "results/studies/s/report.html\tx\trender_report\t-\tok\tupdate pending",
            "results/studies/s/figures/a.png\tx\trender_report\t-\tparams changed\tupdate pending",
        ]
    )  # fmt: skip
    assert jobs_in(text, {"a-1", "b-2"}) == [
        Job("finetune_target", "a-1", True, "missing"),
        Job("finetune_target", "b-2", False, ""),
        Job("render_report", "", True, "params changed"),
    ]


def test_layout():
    assert aligned([["a", "n"], ["bc", 10], ["d", 2]], numbers=(1,)) == (
        "a    n\n--  --\nbc  10\nd    2"
    )
    assert [duration(seconds) for seconds in (0, 89, 90, 5399, 5400)] == [
        "0 s", "89 s", "1.5 min", "90.0 min", "1.5 h",
    ]  # fmt: skip
    assert [size(count) for count in (0, 999, 1500, 2e6, 5e12)] == [
        "0 B", "999 B", "2 kB", "2 MB", "5.0 TB",
    ]  # fmt: skip


def test_commands_import_nothing_heavy(root):
    heavy = ("torch", "pandas", "numpy", "pyarrow")
    script = "import sys, xstilts.commands.command_text\n"
    script += f"print(*[m for m in {heavy} if m in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(root / "workflow" / "scripts")}
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == ""
