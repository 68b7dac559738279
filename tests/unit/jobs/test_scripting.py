"""How a rule's script fails: one sentence on the terminal, the rest in the log."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from xstilts.core import StudyError
from xstilts.core.receipts import DamagedRun
from xstilts.core.termination import Interrupted
from xstilts.jobs.scripting import run_script

pytestmark = pytest.mark.fault


@pytest.fixture
def snakemake(tmp_path, monkeypatch):
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "9")
    return SimpleNamespace(threads=1, log=[str(tmp_path / "logs" / "run.log")], rule="prepare_task")


def outcome(main, snakemake) -> tuple[str, str]:
    with pytest.raises(SystemExit) as caught:
        run_script(main, snakemake)
    return str(caught.value), logged(snakemake)


def logged(snakemake) -> str:
    """The log without its last line, which says how long the script took."""
    lines = Path(snakemake.log[0]).read_text().splitlines(keepends=True)
    assert re.fullmatch(r"took [\d.]+ s, [\d.]+ s of a core\n", lines[-1])
    return "".join(lines[:-1])


def test_output_goes_into_the_log(snakemake, capsys):
    run_script(lambda _: print("hello"), snakemake)
    assert logged(snakemake) == "hello\n"
    assert capsys.readouterr().out == ""


def test_threads_are_set_before_anything_heavy_is_imported(snakemake):
    import os

    run_script(lambda _: print(os.environ["OMP_NUM_THREADS"]), snakemake)
    assert logged(snakemake) == "1\n"


def test_a_mistake_of_the_user_is_one_sentence_without_traceback(snakemake):
    def main(_):
        raise StudyError("the file x is cut off; copy it again.")

    terminal, log = outcome(main, snakemake)
    assert terminal == "prepare_task: the file x is cut off; copy it again."
    assert log == "the file x is cut off; copy it again.\n"


def test_a_full_disk_is_one_sentence_and_a_traceback_in_the_log(snakemake):
    def main(_):
        raise OSError(28, "No space left on device", "results/x")

    terminal, log = outcome(main, snakemake)
    assert terminal == "prepare_task: No space left on device (results/x)."
    assert "Traceback" in log


def test_a_fault_of_the_program_says_where_its_traceback_is(snakemake):
    terminal, log = outcome(lambda _: 1 / 0, snakemake)
    assert "ZeroDivisionError: division by zero" in terminal
    assert snakemake.log[0] in terminal
    assert "Traceback" in log


def test_a_damaged_run_is_withdrawn(snakemake, tmp_path):
    (tmp_path / "receipt.json").touch()

    def main(_):
        raise DamagedRun(tmp_path, "weights are damaged")

    terminal, log = outcome(main, snakemake)
    expected = (
        "weights are damaged: the run has been withdrawn, and the next call of snakemake "
        f"makes {tmp_path} anew."
    )
    assert terminal == f"prepare_task: {expected}"
    assert log == f"{expected}\n"
    assert not (tmp_path / "receipt.json").exists()


def test_all_damaged_runs_are_withdrawn_at_once(snakemake, tmp_path):
    folders = [tmp_path / name for name in "abc"]
    for folder in folders:
        folder.mkdir()
        (folder / "receipt.json").touch()

    def main(_):
        first, *others = (DamagedRun(folder, f"{folder.name} is damaged") for folder in folders)
        raise DamagedRun(first.folder, first.fact, others)

    terminal, log = outcome(main, snakemake)
    assert [line.partition(":")[0] for line in log.splitlines()] == [
        "a is damaged", "b is damaged", "c is damaged",
    ]  # fmt: skip
    assert all(f"makes {folder} anew." in terminal for folder in folders)
    assert not any((folder / "receipt.json").exists() for folder in folders)


def test_a_job_that_is_told_to_end_says_so(snakemake):
    def main(_):
        raise Interrupted

    terminal, log = outcome(main, snakemake)
    assert (
        terminal
        == "prepare_task: told to end (SIGTERM); the next call goes on from its last checkpoint."
    )
    assert "Traceback" not in log


@pytest.mark.parametrize("fault", ["no folder", "full"])
def test_without_room_for_the_log_the_sentence_reaches_the_terminal(snakemake, tmp_path, fault):
    if fault == "no folder":
        (tmp_path / "logs").write_text("a file")
        expected = "File exists"
    else:
        snakemake.log = ["/dev/full"]
        expected = "No space left on device"
    with pytest.raises(SystemExit) as caught:
        run_script(lambda _: 1 / 0, snakemake)
    assert expected in str(caught.value) or "division by zero" in str(caught.value)
