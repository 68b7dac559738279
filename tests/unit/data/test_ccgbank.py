"""CCGbank's AUTO files and columns of supertags, on lines written for these tests."""

import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from xstilts.core.errors import StudyError
from xstilts.data.ccgbank import import_ccgbank, read_auto, read_columns

pytestmark = pytest.mark.odd_input

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


DERIVATION = "(<T S[dcl] 0 2> (<T NP 0 1> (<L N NNP NNP {} N>) ) (<L S[dcl]\\NP V V runs X>) )\n"


def put(folder, files):
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
    return folder


def imported(folder, root):
    import_ccgbank(folder, root)
    return {split: read(root, split) for split in ("train", "validation")}


def auto(name, word="Anna"):
    return f"ID={name}\n" + DERIVATION.format(word)


@pytest.mark.parametrize(
    "changed",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: "\n\n" + text + "\n\n",
    ],
)
@pytest.mark.parametrize("ending", ["auto", "AUTO"])
def test_line_ends_marks_of_order_and_capitals(tmp_path, changed, ending):
    files = {f"my AUTO/{one}/a.{ending}": changed(auto(f"wsj_{one}01.1")) for one in ("00", "02")}
    found = imported(put(tmp_path / "in", files), tmp_path / "data")
    for split, name in (("train", "wsj_0201.1"), ("validation", "wsj_0001.1")):
        assert found[split] == [
            {"id": name, "tokens": ["Anna", "runs"], "tags": ["N", "S[dcl]\\NP"]}
        ]


def test_depccg_counts_its_sentences_anew_in_each_file(tmp_path):
    text = auto("1, log probability=-3.4e-05", "(") + auto("2, log probability=-1", "<L") + "\n\n"
    files = {f"AUTO/{one}/{name}.auto": text for one in ("00", "02", "03") for name in "ab"}
    found = imported(put(tmp_path / "in", files), tmp_path / "data")
    ids = [row["id"] for row in found["train"]]
    assert ids[:3] == ["02-a-1", "02-a-2", "02-b-1"] and len(set(ids)) == 8
    assert [row["tokens"][0] for row in found["train"]] == ["(", "<L"] * 4


def test_a_sentence_that_stands_twice_is_refused(tmp_path):
    files = {f"{one}/a.auto": auto(f"wsj_{one}.1") for one in ("00", "02")}
    folder = put(tmp_path / "in", files | {"02/b.auto": auto("wsj_02.1", "Bert")})
    with pytest.raises(StudyError, match=r"wsj_02\.1 stands twice, in .*a\.auto and .*b\.auto:"):
        import_ccgbank(folder, tmp_path / "data")
    assert not (tmp_path / "data").exists()


PREFACE = "# this file was generated by the following command(s):\n# bin/parser\n\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (PREFACE + "the|DT|NP/N dog|NN|N\n", ["the", "dog"]),
        ("#|#|NP/N dog|NN|N\n", ["#", "dog"]),  # a pound sign in the Wall Street Journal
        ("# dog\tNP/N N\n", ["#", "dog"]),
        ("index\tsentence\ttags\n0\tthe dog\tNP/N N\n", ["the", "dog"]),
        ("7\tthe dog\tNP/N N\n", ["the", "dog"]),
        ("the  10\u00a0000\tNP/N N\n", ["the", "10\u00a0000"]),
        ("the dog\tNP/N N\r\n", ["the", "dog"]),
    ],
)
def test_what_stands_before_and_between_the_words(tmp_path, text, words):
    folder = put(tmp_path / "in", {"train.tsv": text, "dev.txt": text})
    found = imported(folder, tmp_path / "data")["train"]
    assert [(row["tokens"], row["tags"]) for row in found] == [(words, ["NP/N", "N"])]


def test_a_hash_after_the_first_sentence_is_no_preface(tmp_path):
    file = tmp_path / "train.txt"
    file.write_text("the|DT|NP/N\n# bin/parser\n")
    with pytest.raises(StudyError, match=r"line 2 has 2 words and 0 tags"):
        list(read_columns(file))


@pytest.mark.parametrize("name", ["train.tsv.bak", "train.bak", "train.tsv~", "train.orig"])
def test_backups_are_never_read(tmp_path, name):
    folder = put(tmp_path / "in", {"train.tsv": "a\tN\n", "dev.tsv": "b\tN\n", name: "c\tN\n"})
    assert [row["tokens"] for row in imported(folder, tmp_path / "data")["train"]] == [["a"]]


def test_two_files_for_a_split_are_refused(tmp_path):
    texts = dict.fromkeys(("train.tsv", "train.txt", "dev.tsv"), "a\tN\n")
    folder = put(tmp_path / "in", texts)
    with pytest.raises(StudyError, match=r"several files for train, train\.tsv and train\.txt"):
        import_ccgbank(folder, tmp_path / "data")
