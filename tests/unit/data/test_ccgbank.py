"""CCGbank's AUTO files and columns of supertags, on lines written for these tests."""

import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from xstilts.core.errors import StudyError
from xstilts.data.ccgbank import import_ccgbank, read_auto, read_columns

# "Anna sleeps ." and "Otters ( brown \/ small ) swim", with categories as CCGbank has them.
ANNA = (
    "ID={} PARSER=GOLD NUMPARSE=1\n"
    "(<T S[dcl] 0 2> (<T S[dcl] 1 2> (<T NP 0 1> (<L N NNP NNP Anna N>) ) "
    "(<L S[dcl]\\NP VBZ VBZ sleeps S[dcl]\\NP_1>) ) (<L . . . . .>) )\n"
)
OTTERS = (
    "ID={} PARSER=GOLD NUMPARSE=1\n"
    "(<T S[dcl] 1 2> (<T NP 0 2> (<T NP 0 1> (<L N NNS NNS Otters N>) ) (<T NP\\NP 1 2> "
    "(<L LRB -LRB- -LRB- -LRB- LRB>) (<L (NP\\NP)/(N/N) JJ JJ brown\\/small (NP\\NP)/(N/N)_3>) "
    "(<L RRB -RRB- -RRB- -RRB- RRB>) ) ) (<L S[dcl]\\NP VBP VBP swim S[dcl]\\NP_1>) )\n"
)


@pytest.fixture
def ccgbank(tmp_path):
    folder = tmp_path / "ccgbank_1_1"
    for section, text in (
        ("00", ANNA.format("wsj_0001.1")),
        ("02", ANNA.format("wsj_0200.1") + OTTERS.format("wsj_0200.2")),
        ("21", OTTERS.format("wsj_2100.1")),
        ("22", ANNA.format("wsj_2200.1")),
        ("23", OTTERS.format("wsj_2300.1")),
        ("01", ANNA.format("wsj_0100.1")),
    ):
        file = folder / "data" / "AUTO" / section / f"wsj_{section}00.auto"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return folder


def read(root, split):
    return pq.read_table(root / "silver__ccg_supertag" / "default" / f"{split}.parquet").to_pylist()


def test_sections_become_splits(ccgbank, tmp_path):
    counts = import_ccgbank(ccgbank, tmp_path / "data")
    assert counts == {"train": 3, "validation": 1, "test": 1}
    ids = [row["id"] for row in read(tmp_path / "data", "train")]
    assert ids == ["wsj_0200.1", "wsj_0200.2", "wsj_2100.1"]
    assert read(tmp_path / "data", "validation") == [
        {
            "id": "wsj_0001.1",
            "tokens": ["Anna", "sleeps", "."],
            "tags": ["N", "S[dcl]\\NP", "."],
        }
    ]
    (otters,) = read(tmp_path / "data", "test")
    assert otters["tokens"] == ["Otters", "(", "brown/small", ")", "swim"]
    assert otters["tags"] == ["N", "LRB", "(NP\\NP)/(N/N)", "RRB", "S[dcl]\\NP"]
    with pytest.raises(StudyError, match="holds supertags already"):
        import_ccgbank(ccgbank, tmp_path / "data")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ANNA.partition("\n")[2], 1),
        (ANNA.replace("(<L . . . . .>)", "(<L . . . .>)"), 2),
        (ANNA + "(<T NP 0 1> )\n", 3),
    ],
)
def test_a_line_that_is_no_derivation_is_named(tmp_path, text, line):
    file = tmp_path / "wsj_0001.auto"
    file.write_text(text)
    with pytest.raises(StudyError, match=rf"auto, line {line} is no derivation"):
        list(read_auto(file))


def test_columns_of_supertags(tmp_path):
    tabs, pipes = tmp_path / "train.tsv", tmp_path / "dev.stagged"
    tabs.write_text("Anna sleeps .\tN S[dcl]\\NP .\n\nOtters -LRB-\tN LRB\n")
    pipes.write_text("Anna|NNP|N sleeps|VBZ|S[dcl]\\NP .|.|.\n")
    assert import_ccgbank(tmp_path, tmp_path / "data") == {"train": 2, "validation": 1}
    train, dev = (read(tmp_path / "data", split) for split in ("train", "validation"))
    assert [row["id"] for row in train] == ["train-1", "train-3"]
    assert train[1]["tokens"] == ["Otters", "("]
    assert dev[0]["tokens"] == train[0]["tokens"] and dev[0]["tags"] == train[0]["tags"]


@pytest.mark.parametrize("line", ["Anna sleeps\tN", "Anna sleeps", "a|b|c|d"])
def test_a_line_without_a_tag_for_each_word_is_named(tmp_path, line):
    file = tmp_path / "train.tsv"
    file.write_text(f"Anna\tN\n{line}\n")
    with pytest.raises(StudyError, match=r"train\.tsv, line 2 has \d words and \d tags"):
        list(read_columns(file))


def test_command_and_what_it_says_of_a_folder_without_ccgbank(ccgbank, tmp_path):
    paths = {"PYTHONPATH": ":".join(sys.path)}
    command = [sys.executable, "-m", "xstilts.data.ccgbank", ccgbank, tmp_path / "d"]
    run = subprocess.run(command, env=paths, capture_output=True, text=True, check=True)
    assert "3 sentences for train, 1 sentences for validation" in run.stdout
    (tmp_path / "empty").mkdir()
    command[3] = tmp_path / "empty"
    command[4] = tmp_path / "e"
    run = subprocess.run(command, env=paths, capture_output=True, text=True, check=False)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert "no sentences for train: give the folder that holds sections 02 to 21" in run.stderr
