"""Real samples served as the Hub serves them come out as those of the folder they lie in."""

import pyarrow.parquet as pq
import pytest

from helpers.hub_server import FakeHub, served
from xstilts.commands.pinning import pin
from xstilts.core.paths import split_file
from xstilts.hub.access import Repository
from xstilts.hub.splits import fetch_split
from xstilts.plan.data_files import file_name
from xstilts.plan.grid import Study
from xstilts.preparation.prepare import prepare_task

# All nine and nine, in languages that the samples of every target have.
CONFIG = {
    "study": "served",
    "languages": ["en", "de", "ko", "zh"],
    "limits": {"train": 40, "dev": 20, "test": 10},
    "encoder": {"name": "xlm-r", "source": "hub", "path": "o/encoder"},
    "training": {"maximum_length": 128, "document_stride": 64},
    # The samples hold three of its nine languages.
    "tasks": {"tydiqa": {"languages": ["en", "ko", "sw"]}},
}
ENCODER = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": b""}


@pytest.fixture(scope="module")
def studies(samples, root, tmp_path_factory):
    """The study on the folder, and on the Hub with everything pinned and fetched."""
    work = tmp_path_factory.mktemp("work")
    with pytest.MonkeyPatch.context() as patch, served(FakeHub()) as fake:
        patch.chdir(work)
        # One of them as the Hub's own conversion of what was a script.
        fake.add_folder(samples, converted=("allenai/cosmos_qa",))
        fake.add_model("o/encoder", ENCODER)
        places = {"data_root": str(samples)}
        raw = CONFIG | places | {"source": "hub"}
        pin(Study(raw, root).repositories, endpoint=fake.url)
        hub = Study(raw, root)
        for name, commit in hub.prepared.revisions.datasets.items():
            repository = Repository("dataset", name, commit, fake.url, work / "cache")
            for part in parts(hub):
                if part["dataset"] == name:
                    file = split_file(name, commit, part["config"], part["split"])
                    if not file.exists():
                        fetch_split(repository, part["config"], part["split"], file)
        yield Study(CONFIG | places | {"source": "folder"}, root), hub


def parts(study) -> list[dict]:
    splits = [run.recipe["splits"] for run in study.runs["data"].values()]
    return [part for one in splits for found in one.values() for part in found]


def test_eighteen_tasks_plan_alike(studies):
    folder, hub = studies
    assert (len(hub.intermediate_tasks), len(hub.target_tasks)) == (9, 9)
    assert hub.problems == folder.problems
    for task in [*hub.intermediate_tasks, *hub.target_tasks]:
        ours, theirs = hub.data(task).recipe, folder.data(task).recipe
        assert {key for key in ours if ours[key] != theirs[key]} <= {"source", "tokenizer", "code"}
        assert ours["source"]["name"] == "hub"
    assert hub.unpinned == {"datasets": [], "models": []}


def test_every_table_is_the_folders(studies, samples):
    _, hub = studies
    pinned = hub.prepared.revisions.datasets
    compared = set()
    for part in parts(hub):
        if part["dataset"] not in pinned:
            continue
        name = part["dataset"]
        file = split_file(name, pinned[name], part["config"], part["split"])
        theirs = pq.read_table(samples / file_name(part))
        assert pq.read_table(file).equals(theirs, check_metadata=True), file
        compared.add(file)
    assert len(compared) > 40


@pytest.mark.parametrize("task", ["anli", "cosmosqa", "ccg", "ner", "tydiqa", "bucc"])
def test_prepared_bytes_are_the_same(studies, samples, tokenizer_file, tmp_path, task):
    folder, hub = studies
    made = {}
    for name, study in (("folder", folder), ("hub", hub)):
        recipe = study.data(task).recipe
        prepare_task(recipe, tokenizer_file, tmp_path / name, samples)
        made[name] = {
            split: (tmp_path / name / f"{split}.arrow").read_bytes()
            for split in ("train", "dev", "test")
        }
    assert made["hub"] == made["folder"]
