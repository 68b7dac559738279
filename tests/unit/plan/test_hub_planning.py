"""A study on the Hub is planned from its lock alone: names hold commits, nothing is asked."""

import csv

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xstilts.commands.data_report import look, read_sizes, report, write_table
from xstilts.commands.inventory import inventory
from xstilts.config.study_config import check_layers
from xstilts.core.errors import StudyError
from xstilts.core.paths import UNPINNED, split_file
from xstilts.plan.downloads import fetched_files
from xstilts.plan.revisions import Revisions, write_lock

ENCODER = {"name": "xlm-r", "source": "hub", "path": "o/xlm-r"}
ONE, TWO = "1" * 40, "2" * 40


@pytest.fixture
def on_hub(plan):
    """`on_hub(...)`: the whole grid with data and encoder from the Hub and nothing by hand."""
    return lambda **edits: plan(
        **{"source": "hub", "data_root": None, "encoder": ENCODER, "similarity": {}} | edits
    )


def pin(**datasets) -> None:
    pins = {name.replace("__", "/").replace("_", "-"): one for name, one in datasets.items()}
    write_lock(Revisions(pins, {"o/xlm-r": ONE}))


def test_what_is_by_hand_is_left_out_and_said_so(on_hub, data_root):
    study = on_hub()
    assert (len(study.intermediate_tasks), len(study.target_tasks)) == (8, 8)
    said = " ".join(study.problems)
    assert "ccg is left out: put silver__ccg_supertag/default/train.parquet into a folder" in said
    assert "bucc2018__mining/de-en/gold.parquet, into a folder that data_root names" in said
    whole = on_hub(data_root=str(data_root))
    assert (len(whole.intermediate_tasks), len(whole.target_tasks)) == (9, 9)
    source = whole.data("ccg").recipe["source"]
    assert source["revisions"] == {}
    assert list(source["files"]) == [
        f"silver__ccg_supertag/default/{split}.parquet" for split in ("train", "validation")
    ]


def test_languages_are_the_sheets(on_hub):
    assert len(on_hub().languages["ner"]) == 40
    assert list(on_hub(languages=["sw", "en"]).languages["xnli"]) == ["en", "sw"]


def test_a_commit_names_what_depends_on_it_and_nothing_else(on_hub):
    assert UNPINNED in str(fetched_files(on_hub().data("mnli").recipe)[0])
    names = {}
    for commit in (ONE, TWO):
        pin(nyu_mll__glue=commit, rajpurkar__squad=ONE)
        study = on_hub()
        names[commit] = {task: study.data(task).name for task in ("mnli", "qqp", "squad_v1")}
        (train, *_) = fetched_files(study.data("mnli").recipe)
        assert train == split_file("nyu-mll/glue", commit, "mnli", "train")
    changed = {task for task in names[ONE] if names[ONE][task] != names[TWO][task]}
    assert changed == {"mnli", "qqp"}
    assert "nyu-mll/glue" not in study.unpinned["datasets"]
    assert study.unpinned["models"] == []


def test_the_encoders_commit_names_every_run(on_hub):
    before = on_hub()
    pin()
    after = on_hub()
    for stage, runs in before.runs.items():
        assert not set(runs) & set(after.runs[stage]), stage


def test_shared_files_are_fetched_once(on_hub):
    files = fetched_files(on_hub().data("tydiqa").recipe)
    # Training is kept apart from the English part of the test set, and from that of MLQA.
    assert [(path.parent.name, path.name) for path in files] == [
        ("tydiqa", "train.parquet"), ("tydiqa", "validation.parquet"),
        ("MLQA.en.en", "test.parquet"),
    ]  # fmt: skip


def test_by_hand_changes_no_name_in_a_folder(plan):
    recipe = plan().data("ccg").recipe
    assert all("by_hand" not in part for parts in recipe["splits"].values() for part in parts)


@pytest.mark.parametrize(
    ("frozen", "layer", "match"),
    [(12, None, "leaves nothing to train"), (0, 13, "no layer 13")],
)
def test_depth_is_checked_once_it_is_known(on_hub, frozen, layer, match):
    study = on_hub(encoder=ENCODER | {"frozen_layers": frozen}, retrieval={"layer": layer})
    with pytest.raises(StudyError, match=match):
        check_layers(study.config, 12)
    check_layers(study.config, 24)


def test_a_frozen_layer_is_known_at_once(on_hub):
    with pytest.raises(StudyError, match="layer 5 is frozen"):
        on_hub(encoder=ENCODER | {"frozen_layers": 6}, retrieval={"layer": 5})


def test_inventory_of_the_hub(on_hub, root, tmp_path):
    pin(nyu_mll__glue=ONE)
    study = on_hub()
    file = split_file("nyu-mll/glue", ONE, "mnli", "train")
    file.parent.mkdir(parents=True)
    pq.write_table(pa.table({"a": [1, 2, 3]}), file)
    dev = split_file("nyu-mll/glue", ONE, "mnli", "validation_matched")
    dev.write_bytes(b"PAR1")

    found = look(inventory(study), read_sizes(root / "resources" / "data_sizes.tsv"))
    states = {(row["task"], row["split"], row["language"]): row["state"] for row in found}
    assert states["mnli", "train", "en"] == "there"
    assert states["mnli", "dev", "en"] == "damaged"
    assert states["qqp", "train", "en"] == "to fetch"
    assert states["xnli", "test", "sw"] == "to pin"
    assert states["ccg", "train", "en"] == "missing"
    assert len([row for row in found if row["task"] == "ner" and row["split"] == "test"]) == 40
    text = report(found)
    assert "nyu-mll/glue mnli train: 3 rows where 392702 were published" in text
    assert "ccg train: missing, put it there by hand: data_root/silver__ccg_supertag" in text
    assert "xnli test: 15 files of the Hub, once `snakemake pin` was run" in text
    assert "  XNLI: CC BY-NC 4.0" in text

    write_table(found, tmp_path / "table.tsv")
    with (tmp_path / "table.tsv").open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert len(rows) == len(found)
    assert rows[0]["licence"] and rows[0]["place"]


def test_inventory_of_the_demo(plan, root):
    study = plan(source="demo", data_root=None, limits={"train": 7, "dev": 5, "test": 3})
    found = look(inventory(study), {})
    assert {row["state"] for row in found} == {"there"}
    assert re_line(report(found), "mnli", "train")[2:5] == ["1", "1", "7"]


def re_line(text: str, task: str, split: str) -> list[str]:
    return next(words for words in map(str.split, text.splitlines()) if words[:2] == [task, split])


def test_inventory_of_a_folder(plan, data_root):
    found = look(inventory(plan()), {})
    by_state = {state: {row["task"] for row in found if row["state"] == state}
                for state in ("damaged", "missing")}  # fmt: skip
    # The tiny folder's files have two ends and no middle.
    assert "mnli" in by_state["damaged"]
    assert "xnli" in by_state["missing"]  # of other languages
    assert all(row["place"].startswith(str(data_root)) for row in found)
