"""What a dry run says and leaves behind, and what it would run again after an edit."""

import os
import re
import resource
from pathlib import Path

import planning
import pytest
import yaml

from helpers.table_rules import TABLES
from xstilts.plan.grid import Study

WHOLE_GRID = {
    "build_encoder": 1,
    "prepare_task": 18,
    "compute_activations": 18,
    "finetune_intermediate": 10,  # nine tasks and the multi-task row
    "finetune_target": 11 * 6,  # XQuAD and MLQA share one
    "retrieve_target": 11 * 2,
    "embed_task": 18,
    "score_evidence": 9,
    **dict.fromkeys(TABLES, 1),
}


def jobs(ended) -> dict[str, int]:
    """Number of jobs by rule that a dry run announces."""
    assert ended.returncode == 0, ended.stdout + ended.stderr
    table = (ended.stdout + ended.stderr).partition("Job stats:")[2].partition("\n\n")[0]
    found = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}
    assert found.pop("total", 0) == sum(found.values())
    found.pop("all", None)
    return found


def files_below(folder: Path) -> set[str]:
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in paths if path.parts[0] != ".snakemake"}


def test_whole_grid_on_a_folder_and_nothing_left_behind(snakemake, study_file):
    ended = snakemake("-n", "--configfile", study_file())
    assert jobs(ended) == WHOLE_GRID
    assert "left out" not in ended.stdout
    assert files_below(snakemake.folder) == {"results/.file-digests.json"}


def test_demo(snakemake, root):
    ended = snakemake("-n", "--configfile", root / "config" / "config.yaml")
    assert jobs(ended) == WHOLE_GRID


def test_samples(snakemake, root, samples):
    config = root / "config" / "samples.yaml"
    ended = snakemake("-n", "--configfile", config, "--config", f"data_root={samples}")
    assert jobs(ended) == WHOLE_GRID


def test_low_resource(snakemake, root, samples):
    config = root / "config" / "low_resource.yaml"
    ended = snakemake("-n", "--configfile", config, "--config", f"data_root={samples}")
    assert "left out" not in ended.stdout
    found = jobs(ended)
    # Twelve tasks and the multi-task row; five targets, of which three train on another task's set.
    assert found["finetune_intermediate"] == 13
    assert found["finetune_target"] == 14 * 5
    assert found["prepare_task"] == found["embed_task"] == 12 + 5 + 2


def test_the_wide_study_is_planned_within_ten_seconds(snakemake, root):
    """Of a processor: what else runs on the machine is no matter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = snakemake("-n", "--configfile", root / "config" / "wide.yaml")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = jobs(ended)
    assert found["finetune_intermediate"] == 22
    # Fourteen targets in eight fine-tunes, and two searches.
    assert (found["finetune_target"], found["retrieve_target"]) == (23 * 8, 23)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert seconds < 10


def test_forty_tasks_five_seeds_and_two_encoders_are_planned_quickly(tmp_path):
    (small, few), (large, many) = (
        planning.dry_run(grid, tmp_path)
        for grid in (planning.Grid(10, 14, 1, 1), planning.Grid(40, 14, 5, 2))
    )
    assert many > 8 * few > 5000
    assert large.megabytes < 500
    # With names of runs in every wildcard's constraint it grew with the square: over seven times.
    assert large.seconds < 5 * small.seconds
    # Measured: 8.6 on a quiet machine, up to 12 on one that is busy, whose caches others use too.
    if os.getloadavg()[0] < os.cpu_count():
        assert large.seconds < 13


def test_a_run_of_another_study_is_told_with_the_nearest(snakemake, study_file, root, monkeypatch):
    monkeypatch.chdir(snakemake.folder)
    study = Study(yaml.safe_load(study_file().read_text()), root)
    (mine,) = (name for name in study.runs["intermediate"] if name.startswith("qqp-seed1-"))
    other = f"{mine[:-12]}0123456789ab"
    receipt = f"results/runs/intermediate/{other}/receipt.json"
    ended = snakemake("-n", receipt, "--configfile", study_file())
    said = f"xstilts: '{other}' is no run of this study; did you mean '{mine}'?"
    assert ended.returncode == 1
    assert said in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_data_that_are_missing_are_named_and_the_rest_runs(snakemake, study_file, hub):
    (hub / "silver__ccg_supertag/default/train.parquet").unlink()
    ended = snakemake("-n", "--configfile", study_file())
    found = jobs(ended)
    assert found["finetune_intermediate"] == 9
    assert found["prepare_task"] == 17
    missing = f"ccg is left out: put silver__ccg_supertag/default/train.parquet into {hub}."
    assert missing in ended.stdout


@pytest.fixture
def finished(snakemake, study_file, hub, root, monkeypatch):
    """The tiny study with all its runs there, as empty files."""
    file = study_file()
    monkeypatch.chdir(snakemake.folder)
    study = Study(yaml.safe_load(file.read_text()), root)
    names = {
        "encoder": ("config.json", "model.safetensors", "tokenizer.json"),
        "data": ("train.arrow", "dev.arrow", "test.arrow"),
        "target": ("predictions.parquet",),
    }
    for stage, runs in study.runs.items():
        for run in runs.values():
            for name in (*names.get(stage, ()), "receipt.json"):
                (run.folder / name).parent.mkdir(parents=True, exist_ok=True)
                (run.folder / name).touch()
    return file


def test_only_tables_are_left_when_all_runs_are_there(snakemake, finished, root, hub):
    for path in hub.rglob("*.parquet"):
        os.utime(path)
    assert jobs(snakemake("-n", "--configfile", finished)) == dict.fromkeys(TABLES, 1)


def test_edit_of_one_row_runs_that_row(snakemake, finished):
    edit = "tasks={qqp: {training: {epochs: 9}}}"
    assert jobs(snakemake("-n", "--configfile", finished, "--config", edit)) == {
        "finetune_intermediate": 1,
        "finetune_target": 6,
        "retrieve_target": 2,
        "score_evidence": 1,
        **dict.fromkeys(TABLES, 1),
    }
