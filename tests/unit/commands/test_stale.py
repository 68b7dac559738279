"""Which runs count as stale, and that only they are ever deleted."""

import fcntl
import json
import shutil
from pathlib import Path

import pytest
import yaml

from helpers.finished_study import finish, finish_run
from xstilts.commands import command_text, stale
from xstilts.commands.known_studies import RECORDS, named_runs, record_start
from xstilts.core.errors import StudyError


def listed(study, root) -> set[str]:
    command_text.list_stale(study, root)
    return {Path(folder).name for folder in stale.read_list()}


@pytest.fixture
def place(root, tmp_path) -> Path:
    """The repository with a folder of configs of the test's own."""
    copy = tmp_path / "repository"
    copy.mkdir()
    for name in ("workflow", "resources"):
        (copy / name).symlink_to(root / name)
    (copy / "config").mkdir()
    return copy


@pytest.fixture
def two(plan):
    """The study before and after an edit of a row, both finished: 10 runs differ."""
    old, new = plan(), plan(tasks__qqp__training__epochs=9)
    for study in (old, new):
        finish(study)
    return old, new


def gone(old, new) -> set[str]:
    return {name for stage, runs in old.runs.items() for name in runs.keys() - new.runs[stage]}


def test_runs_of_no_config_are_stale(two, place):
    old, new = two
    assert len(gone(old, new)) == 10
    assert listed(new, place) == gone(old, new)
    assert listed(old, place) == gone(new, old)


def test_runs_of_a_config_in_the_folder_are_not(two, place, base):
    _, new = two
    (place / "config" / "old.yaml").write_text(yaml.safe_dump(base))
    assert listed(new, place) == set()


def test_everything_of_a_run_is_listed(plan, place):
    study = plan()
    finish(study)
    for stage in ("data", "activations", "runs/encoder", "scratch"):
        folder = Path("results") / stage / "lost-000000000000"
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(bytes(1000))
    # What a named run keeps until it is done is no waste.
    (Path("results/scratch") / study.intermediate("qqp", 1).name).mkdir()
    found = stale.stale_runs(named_runs([study]), now=(Path("results").stat().st_mtime) + 99)
    assert {run.stage for run in found} == {"data", "activations", "encoder", "scratch"}
    assert {run.bytes for run in found} == {1000}
    assert all(90 < run.age_seconds < 110 for run in found)
    assert not any(run.finished for run in found)


def test_sizes_and_ages_are_told(two, place):
    text = command_text.list_stale(two[1], place)
    assert text.startswith("Stale: 10 folders, ")
    assert "results/runs/intermediate/qqp-seed1-" in text


def test_prune_deletes_what_was_listed_and_nothing_else(two, place, plan):
    old, new = two
    listed(new, place)
    later = plan(tasks__ccg__training__epochs=9)
    finish(later)
    before = set(Path("results").rglob("receipt.json"))
    text = command_text.prune_stale(new, place, dry=False)
    after = set(Path("results").rglob("receipt.json"))
    assert text.startswith("Deleted: 10 folders")
    assert {path.parent.name for path in before - after} == gone(old, new)
    assert after <= before
    with pytest.raises(StudyError, match="look at what `xstilts stale` lists first"):
        command_text.prune_stale(new, place, dry=False)


def test_a_run_that_a_config_names_again_stays(two, place):
    old, new = two
    listed(new, place)
    text = command_text.prune_stale(old, place, dry=False)
    assert "Deleted: 0 folders" in text
    assert "stays: a config names it again" in text
    assert all(run.receipt.exists() for run in old.runs["target"].values())


def test_dry_run_deletes_nothing(two, place):
    old, new = two
    listed(new, place)
    assert "Would delete: 10 folders" in command_text.prune_stale(new, place, dry=True)
    assert all(run.receipt.exists() for run in old.runs["target"].values())
    assert stale.LIST.exists()


def test_a_run_that_a_process_is_making_stays(two, place):
    old, new = two
    run = old.intermediate("qqp", 1)
    scratch = Path("results/scratch") / run.name
    scratch.mkdir(parents=True)
    listed(new, place)
    with (scratch / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        text = command_text.prune_stale(new, place, dry=False)
    assert f"{run.folder} stays: a process is making it." in text
    assert run.receipt.exists()
    assert scratch.is_dir()


def test_while_snakemake_works_nothing_is_deleted(two, place):
    old, new = two
    listed(new, place)
    Path(".snakemake/locks").mkdir(parents=True)
    Path(".snakemake/locks/0.input.lock").touch()
    with pytest.raises(StudyError, match="another Snakemake works in this folder"):
        command_text.prune_stale(new, place, dry=False)
    assert all(run.receipt.exists() for run in old.runs["target"].values())


def test_a_config_that_does_not_parse_is_named_and_prune_refuses(two, place):
    old, new = two
    listed(new, place)
    (place / "config" / "broken.yaml").write_text("study: [")
    assert "broken.yaml: " in command_text.list_stale(new, place)
    with pytest.raises(StudyError, match=r"nothing is deleted.*broken\.yaml"):
        command_text.prune_stale(new, place, dry=False)
    assert all(run.receipt.exists() for run in old.runs["target"].values())


def test_a_config_that_ran_here_and_is_broken_since_is_named(two, place, base):
    (place / "config" / "old.yaml").write_text(yaml.safe_dump({**base, "langages": "all"}))
    assert "did you mean 'languages'?" in command_text.list_stale(two[1], place)


def test_a_config_that_never_ran_here_has_nothing_to_lose(two, place, base):
    new = {**base, "study": "never", "data_root": None}
    (place / "config" / "never.yaml").write_text(yaml.safe_dump(new))
    assert "unknown" not in command_text.list_stale(two[1], place)


def test_where_the_data_lay_is_remembered(two, place, base, plan, data_root):
    # As config/samples.yaml: the data folder came from the command line.
    finish(plan(study="samples", limits__train=33))
    sizes = {**base["limits"], "train": 33}
    raw = {**base, "study": "samples", "data_root": None, "limits": sizes}
    (place / "config" / "samples.yaml").write_text(yaml.safe_dump(raw))
    old, new = two
    assert json.loads(Path("results/studies/samples/started.json").read_text())["data_root"]
    assert listed(new, place) == gone(old, new)


def test_links_and_what_lies_outside_stay(plan, place, tmp_path):
    study = plan()
    finish(study)
    outside = tmp_path / "outside"
    (outside / "qqp-seed1-000000000000").mkdir(parents=True)
    (outside / "qqp-seed1-000000000000" / "file").touch()
    link = Path("results/runs/intermediate/link-seed1-000000000000")
    link.symlink_to(outside)
    assert listed(study, place) == set()
    # A list that was tampered with names nothing that is not stale.
    stale.LIST.write_text(
        "folder\tstage\tbytes\tage_seconds\tfinished\n../outside\tdata\t0\t0\t0\n"
    )
    command_text.prune_stale(study, place, dry=False)
    # A whole stage may lie elsewhere: what is there is not deleted either.
    Path("results/scratch").symlink_to(outside)
    listed(study, place)
    with pytest.raises(StudyError, match="lies outside results"):
        command_text.prune_stale(study, place, dry=False)
    assert (outside / "qqp-seed1-000000000000" / "file").exists()


def test_unfinished_runs_say_so(plan, place):
    study = plan()
    finish_run(study.encoder)
    other = plan(encoder__layers=5).encoder
    finish_run(other)
    other.receipt.unlink()
    (found,) = stale.stale_runs(named_runs([study]))
    assert (found.folder, found.finished) == (other.folder, False)
    assert "unfinished" in command_text.list_stale(study, place)


def elsewhere(study, root):
    """The study as another checkout starts it, whose config is nowhere to be seen from here."""
    study.prepared.root = root
    record_start(study)
    return study


@pytest.mark.parametrize("name", ["tiny", "another"])
def test_runs_of_another_checkout_are_not_stale(two, place, plan, tmp_path, name):
    """Even under the same name of the study, and with other code."""
    _, new = two
    theirs = plan(study=name, tasks__ccg__training__epochs=7)
    finish(theirs)
    elsewhere(theirs, tmp_path / "checkout")
    # The study in hand was started here after that.
    finish(new)
    theirs_alone = gone(theirs, new)
    assert theirs_alone
    assert listed(new, place).isdisjoint(theirs_alone)
    command_text.prune_stale(new, place, dry=False)
    assert all(run.receipt.exists() for runs in theirs.runs.values() for run in runs.values())


def test_a_study_whose_config_lies_elsewhere_is_not_stale(two, place, plan):
    edits = {"tasks__ccg__training__epochs": 5, "tasks__qqp__training__epochs": 9}
    other = plan(study="mine", **edits)
    finish(other)
    assert gone(other, two[1])
    assert listed(two[1], place) == gone(*two)


def test_an_edit_of_a_recorded_study_leaves_its_old_runs_stale(plan, place):
    """The last start counts, not every one: an edited config gives up what it named before."""
    old, new = (plan(study="mine", tasks__ccg__training__epochs=n) for n in (5, 6))
    finish(old)
    finish(new)
    base_study = plan()
    finish(base_study)
    assert listed(base_study, place) == gone(old, new) - named_runs([base_study])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"runs": 3}', '{"runs": [1]}'])
def test_a_damaged_record_is_named_and_prune_stops(two, place, plan, content):
    other = plan(study="mine", tasks__ccg__training__epochs=5)
    finish(other)
    listed(two[1], place)
    (record,) = (other.tables / RECORDS).glob("*.json")
    record.write_text(content)
    assert str(record) in command_text.list_stale(two[1], place)
    with pytest.raises(StudyError, match=r"nothing is deleted.*studies/mine/runs_of"):
        command_text.prune_stale(two[1], place, dry=False)
    assert all(run.receipt.exists() for run in two[0].runs["target"].values())


def test_a_study_without_a_record_is_named_and_prune_stops(two, place, plan):
    other = plan(study="mine", tasks__ccg__training__epochs=5)
    finish(other)
    shutil.rmtree(other.tables / RECORDS)
    assert "results/studies/mine: the study ran here before" in command_text.list_stale(
        two[1], place
    )
    with pytest.raises(StudyError, match="nothing is deleted"):
        command_text.prune_stale(two[1], place, dry=False)
    # A folder in which no study has started stops nothing.
    shutil.rmtree(other.tables)
    other.tables.mkdir()
    assert "Deleted" in command_text.prune_stale(two[1], place, dry=False)
