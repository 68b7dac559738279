"""After each kind of edit, the exact set of jobs that would run; and that a forecast says the same.

The study is finished but for its numbers: all files are there, empty. Really run edits are in
test_forecast_against_truth.py.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from helpers.finished_study import finish
from helpers.hub_folder import changed, fill, whole_grid
from xstilts.plan.grid import Study

BUILD, PREPARE, FREEZE = "build_encoder", "prepare_task", "compute_activations"
INTERMEDIATE, TARGET, SEARCH = "finetune_intermediate", "finetune_target", "retrieve_target"
EMBED = "embed_task"
# What a dry run says of a job -> its rule.
MESSAGES = {
    "Build the encoder": BUILD,
    "Prepare": PREPARE,
    "Run the frozen layers over": FREEZE,
    "Fine-tune on the intermediate task of": INTERMEDIATE,
    "Fine-tune and predict": TARGET,
    "Find translations": SEARCH,
    "Embed": EMBED,
}
# Of the tables those that read the runs themselves.
TABLES = {"write_index", "score_cells", "compute_gains", "render_report"}

ROWS, ALL = ("mnli", "qqp", "multitask"), ("none", "mnli", "qqp", "multitask")
TRAINED = ("xnli", "pos", "mlqa+xquad")
TASKS = ("mnli", "qqp", "xnli", "pos", "squad_v1", "mlqa", "xquad", "tatoeba")

Jobs = set[tuple[str, str]]


def prepared(*tasks: str) -> Jobs:
    return {(rule, task) for rule in (PREPARE, FREEZE, EMBED) for task in tasks}


def encoders(*rows: str, seed: int = 1) -> Jobs:
    return {(INTERMEDIATE, f"{row}-seed{seed}") for row in rows}


def cells(rows: tuple[str, ...], targets: tuple[str, ...], seed: int = 1) -> Jobs:
    """Target runs; searching with an untuned encoder has no seed."""
    found = set()
    for row in rows:
        for target in targets:
            rule = SEARCH if target == "tatoeba" else TARGET
            seeded = (row, rule) != ("none", SEARCH)
            found.add((rule, f"{row}--{target}" + (f"-seed{seed}" if seeded else "")))
    return found


EVERY = (*TRAINED, "tatoeba")

# Edit of the config -> the jobs, tables apart, which run with any of them.
EDITS: dict[str, tuple[dict, Jobs]] = {
    "learning rate of one intermediate task": (
        {"tasks__qqp__training__learning_rate": 3e-5},
        encoders("qqp") | cells(("qqp",), EVERY),
    ),
    "settings of one target": (
        {"tasks__pos__training__epochs": 9},
        cells(ALL, ("pos",)),
    ),
    # Weights of targets are not kept, and predictions are made where the fine-tune is: so a new
    # language runs the column anew, but no other column and no intermediate encoder.
    "one more language of one target": (
        {"tasks__xnli__languages": ["en", "de", "sw", "zh"]},
        prepared("xnli") | cells(ALL, ("xnli",)),
    ),
    # The predictions that are there hold the language already; what to embed takes seconds.
    "fewer languages of one target": (
        {"tasks__xnli__languages": ["de"]},
        {(EMBED, "xnli")},
    ),
    "fewer languages of one target and another setting": (
        {"tasks__pos__training__epochs": 9, "tasks__xnli__languages": ["en"]},
        cells(ALL, ("pos",)) | {(EMBED, "xnli")},
    ),
    "fewer languages and a limit of their test sets": (
        {"tasks__xnli__languages": ["de"], "tasks__xnli__limits__test": 3},
        prepared("xnli") | cells(ALL, ("xnli",)),
    ),
    # A search takes seconds, and what it finds best depends on all its languages.
    "fewer languages where nothing is trained": (
        {"tasks__tatoeba__languages": ["de"]},
        prepared("tatoeba") | cells(ALL, ("tatoeba",)),
    ),
    "one more language where nothing is trained": (
        {"tasks__tatoeba__languages": ["de", "sw", "zh"]},
        prepared("tatoeba") | cells(ALL, ("tatoeba",)),
    ),
    "one more row": (
        {"intermediate_tasks": ["mnli", "qqp", "ccg"]},
        prepared("ccg") | encoders("ccg") | cells(("ccg",), EVERY),
    ),
    "one more column": (
        {"target_tasks": ["xnli", "pos", "xquad", "mlqa", "tatoeba", "pawsx"]},
        prepared("pawsx") | cells(ALL, ("pawsx",)),
    ),
    "one more seed": (
        {"seeds": [1, 2]},
        encoders(*ROWS, seed=2) | cells(ALL, EVERY, seed=2) - {(SEARCH, "none--tatoeba")},
    ),
    "another encoder": (
        {"encoder": {"name": "smaller", "layers": 5, "frozen_layers": 3}},
        # The tokenizer is the same, and so are the prepared data.
        {(BUILD, "smaller")} | prepared(*TASKS) - {(PREPARE, task) for task in TASKS}
        | encoders(*ROWS) | cells(ALL, EVERY),
    ),
    "another search": ({"retrieval__neighbours": 2}, cells(ALL, ("tatoeba",))),
    "sampling of the multi-task row": (
        {"multitask__sampling": "uniform"},
        encoders("multitask") | cells(("multitask",), EVERY),
    ),
    "members of the multi-task row": (
        {"intermediate_tasks": ["mnli", "qqp", "ccg"], "multitask__tasks": ["mnli", "qqp", "ccg"]},
        prepared("ccg") | encoders("ccg", "multitask") | cells(("ccg", "multitask"), EVERY),
    ),
    "data limit of one task, which is also a training set": (
        {"tasks__mnli__limits__train": 50},
        prepared("mnli") | encoders("mnli", "multitask")
        | cells(("mnli", "multitask"), EVERY) | cells(ALL, ("xnli",)),
    ),
    "another study of the same grid": ({"study": "other"}, set()),
}  # fmt: skip


def runs_and_tables(jobs: Jobs) -> tuple[Jobs, set[str]]:
    """Jobs apart by whether they make a run or a table."""
    return {job for job in jobs if job[1]}, {rule for rule, label in jobs if not label}


class Finished:
    """A finished study in a folder, the repository's copy that made it, and its data."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder, self.repository, self.hub = folder / "work", folder / "copy", folder / "hub"
        self.folder.mkdir()
        self.repository.mkdir()
        for part in ("workflow", "resources", "config", "profiles", "envs"):
            shutil.copytree(root / part, self.repository / part)
        fill(self.hub, root)
        self.base = whole_grid(self.hub) | {
            "intermediate_tasks": ["mnli", "qqp"],
            "target_tasks": ["xnli", "pos", "xquad", "mlqa", "tatoeba"],
            "multitask": {"tasks": ["mnli", "qqp"]},
            "similarity": {"measures": ["text_embedding"]},
            "tasks": {"xnli": {"languages": ["en", "de"]}, "tatoeba": {"languages": ["de", "sw"]}},
        }
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            study = Study(self.base, root)
            finish(study)
        finally:
            os.chdir(before)
        for line in self.snakemake("--summary").stdout.splitlines():
            path = self.folder / line.partition("\t")[0]
            if line.startswith("results/") and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
        # So that Snakemake knows the parameters of the tables, as if it had made them.
        self.snakemake("--touch", "--forceall", "--cores", "2")

    def snakemake(self, *arguments: str, **edits: object) -> subprocess.CompletedProcess:
        place = ["--snakefile", str(self.repository / "workflow" / "Snakefile"), "--directory", "."]
        return self._run(["snakemake", *place], arguments, edits)

    def xstilts(self, command: str, *arguments: str, **edits: object) -> str:
        """What a command of the copy's own program prints."""
        return self._run(["xstilts", command], arguments, edits).stdout

    def _run(self, module: list[str], arguments, edits) -> subprocess.CompletedProcess:
        file = self.folder / "tiny.yaml"
        file.write_text(yaml.safe_dump(changed(self.base, **edits)))
        ended = subprocess.run(
            [sys.executable, "-m", *module, "--configfile", str(file), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(self.repository / "workflow" / "scripts")},
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended

    def dry_run(self, **edits: object) -> Jobs:
        """The jobs that a dry run announces, by rule and the run's readable name."""
        ended = self.snakemake("-n", **edits)
        told = ended.stdout + ended.stderr
        stats = told.partition("Job stats:")[2].partition("\n\n")[0]
        counts = dict(re.findall(r"^(\w+) +(\d+)$", stats, re.MULTILINE))
        jobs = {
            (MESSAGES[message], label)
            for message, label in re.findall(
                r"^Job \d+: (.+) (\S+)-[0-9a-f]{12}$", told, re.MULTILINE
            )
        }
        for rule in MESSAGES.values():
            assert sum(job[0] == rule for job in jobs) == int(counts.get(rule, 0))
        tables = counts.keys() - {*MESSAGES.values(), "all", "total"}
        return jobs | {(rule, "") for rule in tables}

    def forecast(self, **edits: object) -> Jobs:
        """The jobs that a forecast names."""
        self.xstilts("forecast", **edits)
        study = changed(self.base, **edits)["study"]
        path = self.folder / "results" / "studies" / study / "forecast.tsv"
        rules = {"embeddings": EMBED, "encoder": BUILD, "data": PREPARE, "activations": FREEZE,
                 "intermediate": INTERMEDIATE, "target": TARGET}  # fmt: skip
        jobs = set()
        with path.open() as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                label = row["job"].rpartition("-")[0]
                rule = SEARCH if row["target"] == "tatoeba" else rules.get(row["stage"], row["job"])
                label = label if row["stage"] != "table" else ""
                if row["status"] == "to run":
                    assert row["why"]
                    jobs.add((rule, label))
        return jobs


@pytest.fixture(scope="module")
def study(root, tmp_path_factory):
    return Finished(root, tmp_path_factory.mktemp("reruns"))


@pytest.fixture
def edit(study):
    """`edit(file, change)`: change the text of a file for the length of a test."""
    before: dict[Path, bytes] = {}

    def change(path: Path, by: Callable[[str], str]) -> None:
        before.setdefault(path, path.read_bytes())
        text = before[path].decode()
        assert by(text) != text
        path.write_text(by(text))

    yield change
    for path, content in before.items():
        path.write_bytes(content)


@pytest.mark.parametrize("kind", EDITS)
def test_edit_of_the_config(study, kind):
    edits, expected = EDITS[kind]
    runs, tables = runs_and_tables(study.dry_run(**edits))
    assert runs == expected
    assert tables >= TABLES


@pytest.mark.parametrize(
    ("edits", "anew", "kept"),
    [
        ({"intervals__resamples": 2000}, {"compute_gains", "render_report"}, {"score_cells"}),
        ({"description": "Another."}, {"render_report"}, {"score_cells", "compute_gains"}),
        ({"checkpoint_seconds": 5}, {"render_report"}, {"score_cells", "compute_gains"}),
    ],
)
def test_edit_that_no_run_depends_on(study, edits, anew, kept):
    runs, tables = runs_and_tables(study.dry_run(**edits))
    assert runs == set()
    assert anew <= tables
    assert not kept & tables


def test_edit_of_a_tables_module_concerns_that_table(study, edit):
    caption = ("Scores of all tasks", "Scores of every task")
    edit(package(study) / "report" / "sections" / "scores.py", lambda text: text.replace(*caption))
    # The paper's table, as TSV and LaTeX, is that of the page.
    made_anew = {("render_report", ""), ("write_tables", "")}
    assert study.dry_run() == made_anew
    assert study.forecast() == made_anew


def test_lost_encoder_of_a_row_is_made_again_without_its_cells(study):
    (lost,) = (study.folder / "results/runs/intermediate").glob("qqp-seed1-*")
    hidden = shutil.move(lost, study.folder / "hidden")
    edits, expected = EDITS["one more column"]
    try:
        assert study.dry_run() == set()
        assert runs_and_tables(study.dry_run(**edits))[0] == expected | encoders("qqp")
    finally:
        shutil.move(hidden, lost)


@pytest.mark.parametrize(
    "kind",
    [
        "one more language of one target",
        "fewer languages of one target",
        "one more seed",
        "another study of the same grid",
    ],
)
def test_forecast_names_the_same_jobs(study, kind):
    edits, _ = EDITS[kind]
    assert study.forecast(**edits) == study.dry_run(**edits)


def test_nothing_to_do_and_an_edit_undone(study):
    assert study.dry_run(tasks__qqp__training__epochs=9)
    assert study.dry_run() == set()
    assert study.forecast() == set()
    assert re.search(r"nothing to run, all \d\d jobs are done", study.xstilts("forecast"))


def test_touched_files_and_a_fresh_clone(study):
    for folder in (study.repository, study.hub, study.folder / "results"):
        for path in folder.rglob("*"):
            os.utime(path)
    assert study.dry_run() == set()


def package(study) -> Path:
    return study.repository / "workflow" / "scripts" / "xstilts"


def test_edit_of_a_helper_module_concerns_its_users(study, edit):
    edit(package(study) / "retrieval" / "mining.py", lambda text: text.replace("1e-9", "2e-9"))
    found = study.dry_run()
    assert runs_and_tables(found)[0] == cells(ALL, ("tatoeba",))
    assert study.forecast() == found
    told = study.xstilts("forecast")
    assert re.search(r"^code xstilts\.retrieval\.mining changed +4 +all 4 +tatoeba$", told, re.M)


def test_edit_of_one_kind_s_data_concerns_tasks_of_that_kind(study, edit):
    edit(
        package(study) / "data" / "windows.py",
        lambda text: text.replace("QUESTION_LENGTH = 64", "QUESTION_LENGTH = 63"),
    )
    read_in_windows = prepared("squad_v1", "mlqa", "xquad")
    assert runs_and_tables(study.dry_run())[0] == read_in_windows | cells(ALL, ("mlqa+xquad",))


def test_edit_of_what_no_run_reaches_concerns_nothing(study, edit):
    edit(package(study) / "data" / "windows.py", lambda text: text + "\nUNUSED = 1\n")
    edit(package(study) / "core" / "errors.py", lambda text: text.replace("did you mean", "is it"))
    assert study.dry_run() == set()


def test_edit_of_all_data_concerns_all_that_read_them(study, edit):
    edit(package(study) / "data" / "store.py", lambda text: text.replace("int32", "int64", 1))
    trained = prepared(*TASKS) | encoders(*ROWS) | cells(ALL, EVERY)
    assert runs_and_tables(study.dry_run())[0] == trained


def test_comments_and_docstrings_concern_nothing(study, edit):
    for name in ("retrieval/mining", "kinds/methods/span_decoding", "evaluation/metrics/accuracy"):
        edit(
            package(study) / f"{name}.py",
            lambda text: re.sub(r'\A"""', '"""Reworded. ', text) + "\n# A remark.\n",
        )
    edit(study.repository / "workflow" / "rules" / "target.smk", lambda text: f"# Hm.\n{text}")
    assert study.dry_run() == set()


def test_edit_of_a_task_sheet_concerns_its_task(study, edit):
    sheet = study.repository / "resources" / "tasks" / "pos.yaml"
    edit(
        sheet, lambda text: re.sub(r"learning_rate: \S+?([,}\n])", r"learning_rate: 7.0e-5\1", text)
    )
    assert runs_and_tables(study.dry_run())[0] == cells(ALL, ("pos",))


def test_note_in_a_task_sheet_concerns_nothing(study, edit):
    sheet = study.repository / "resources" / "tasks" / "pos.yaml"
    edit(sheet, lambda text: f"# A remark.\n{text}")
    assert study.dry_run() == set()


def test_edited_data_concern_their_task(study, edit):
    file = study.hub / "nyu-mll__glue/qqp/train.parquet"
    edit(file, lambda text: text.replace("PAR1", "PAR1 more", 1))
    expected = prepared("qqp") | encoders("qqp", "multitask") | cells(("qqp", "multitask"), EVERY)
    assert runs_and_tables(study.dry_run())[0] == expected
    told = study.xstilts("forecast")
    assert "file nyu-mll__glue/qqp/train.parquet changed" in told


def test_commands_take_no_lock_and_need_no_cores(study):
    locks = study.folder / ".snakemake" / "locks"
    shutil.rmtree(locks, ignore_errors=True)
    locks.mkdir(parents=True)
    (locks / "0.output.lock").write_text("results/studies/tiny/report.html\n")
    try:
        assert "nothing to run" in study.xstilts("forecast")
        assert "Stale: 0 folders" in study.xstilts("stale")
    finally:
        shutil.rmtree(locks)


def test_explain_touches_no_recipe(study):
    told = study.xstilts("explain", "--cell", "qqp/xquad/1")
    assert told.splitlines()[2].startswith("qqp--mlqa+xquad-seed1-")
    assert "(not made yet)" not in told


def test_stale_and_prune(study):
    edits = {"tasks__qqp__training__epochs": 9}
    run = next((study.folder / "results/runs/intermediate").glob("qqp-seed1-*"))
    kept = shutil.copytree(study.folder / "results", study.folder.parent / "kept")
    # The checkout that made the study has a record of its own here, and may still want these runs.
    assert study.xstilts("stale", **edits).startswith("Stale: 0 folders")
    for record in (study.folder / "results" / "studies" / "tiny" / "runs_of").glob("*.json"):
        if json.loads(record.read_text())["checkout"] != study.repository.as_posix():
            record.unlink()
    told = study.xstilts("stale", **edits)
    # The encoder of the row and its four target runs.
    assert told.startswith("Stale: 5 folders")
    assert "Would delete: 5 folders" in study.xstilts("prune", "-n", **edits)
    assert run.is_dir()
    assert "Deleted: 5 folders" in study.xstilts("prune", **edits)
    assert not run.exists()
    shutil.rmtree(study.folder / "results")
    shutil.copytree(kept, study.folder / "results")
    assert study.dry_run() == set()
