"""Files that are something else than their names say: one sentence, no traceback."""

import pytest

from xstilts.core.receipts import NAME, DamagedRun, publish, read_receipt, withdraw
from xstilts.jobs.scripting import run_script

pytestmark = pytest.mark.odd_input


def test_a_receipt_that_is_a_folder_is_withdrawn(tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(DamagedRun, match=r"receipt\.json cannot be read \(Is a directory\)"):
        read_receipt(tmp_path)
    assert withdraw(tmp_path)
    publish(tmp_path, {"files": {}})
    assert read_receipt(tmp_path) == {"files": {}}


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 200_000, b"\xff\xfe", b"[]", b"null"])
def test_a_receipt_of_other_content(tmp_path, content):
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(DamagedRun):
        read_receipt(tmp_path)


def test_a_receipt_that_is_a_link_to_itself(tmp_path):
    (tmp_path / NAME).symlink_to(tmp_path / NAME)
    with pytest.raises(DamagedRun, match="cannot be read"):
        read_receipt(tmp_path)


class PanicException(BaseException):
    """As Rust's panics arrive in Python."""


def test_a_panic_is_one_sentence(tmp_path, capfd):
    class Job:
        log = (str(tmp_path / "log"),)
        rule, threads = "prepare_task", 1

    def panics(snakemake):
        raise PanicException("called `Result::unwrap()` on an `Err` value: Onig")

    with pytest.raises(SystemExit) as caught:
        run_script(panics, Job)
    sentence = str(caught.value)
    assert sentence.startswith("prepare_task: a library gave up on its input (called")
    assert (
        "choose another encoder" in sentence and "Traceback" not in (tmp_path / "log").read_text()
    )


def test_other_ends_of_a_program_stay_what_they_are(tmp_path):
    class Job:
        log = (str(tmp_path / "log"),)
        rule, threads = "prepare_task", 1

    def stops(snakemake):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_script(stops, Job)
