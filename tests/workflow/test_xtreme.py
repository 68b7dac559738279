"""The paper's study: planned offline and quickly, as large as the README says, refused unpinned."""

import re
import string
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from safetensors.numpy import save
from tokenizers import Tokenizer, models, processors

from helpers.hub_folder import fill
from helpers.hub_server import FakeHub, commit_of, served
from xstilts.plan.downloads import fetched_files
from xstilts.plan.grid import Study
from xstilts.plan.revisions import LOCK

CONFIGS = ("xtreme", "workstation")
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -3.0)]
LETTERS = [(letter, -4.0) for letter in string.ascii_lowercase]
TOKENIZER = Tokenizer(models.Unigram(PIECES + LETTERS, unk_id=3))
TOKENIZER.post_processor = processors.TemplateProcessing(
    single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
)
# Enough of an encoder for data to be prepared with it.
SMALL = {
    "config.json": b'{"model_type": "xlm-roberta", "num_hidden_layers": 2}',
    "model.safetensors": save({"a": np.zeros(3, np.float32)}),
    "tokenizer.json": TOKENIZER.to_str().encode(),
}


def config_of(root: Path, name: str) -> Path:
    return root / "config" / f"{name}.yaml"


def counts(study: Study) -> tuple[int, int, int]:
    """Intermediate fine-tunes, target fine-tunes, retrieval runs."""
    retrieval = sum("retrieval" in run.recipe for run in study.runs["target"].values())
    trained = len(study.runs["target"]) - retrieval
    return len(study.runs["intermediate"]), trained, retrieval


@pytest.fixture
def no_network(monkeypatch):
    """Whoever asks the network gets an answer from nobody."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


@pytest.mark.parametrize("name", CONFIGS)
def test_dry_run_offline(snakemake, root, name, no_network, monkeypatch):
    begun = time.process_time(), time.monotonic()
    ended = snakemake("-n", "--quiet", "rules", "--configfile", config_of(root, name))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    # The promise of ten seconds is for an idle machine; this one may be shared.
    assert time.monotonic() - begun[1] < 60
    said = dict(re.findall(r"^(\w+) +(\d+)$", ended.stdout + ended.stderr, re.MULTILINE))
    monkeypatch.chdir(snakemake.folder)
    study = Study(yaml.safe_load(config_of(root, name).read_text()), root)
    stages = ("finetune_intermediate", "finetune_target", "retrieve_target")
    assert tuple(int(said[stage]) for stage in stages) == counts(study)
    files = {file for run in study.runs["data"].values() for file in fetched_files(run.recipe)}
    assert (said["fetch_encoder"], said["fetch_split"]) == ("1", str(len(files)))
    assert len(files) > 150
    assert "ccg is left out: put silver__ccg_supertag/default/train.parquet" in ended.stdout
    assert "bucc is left out" in ended.stdout


def test_as_large_as_the_guide_says(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    raw = yaml.safe_load(config_of(root, "xtreme").read_text())
    without = counts(Study(raw, root))
    fill(tmp_path / "hand", root)
    whole = Study({**raw, "data_root": str(tmp_path / "hand")}, root)
    text = " ".join((root / "docs" / "studies.md").read_text().split())
    said = re.search(
        r"(\d+) intermediate and (\d+) target fine-tunes, and (\d+) retrieval runs that only encode"
        r".* goes on with (\d+), (\d+) and (\d+)\.",
        text,
    )
    assert said, "the guide no longer counts the paper's study"
    assert tuple(map(int, said.groups())) == counts(whole) + without


def test_all_languages_and_no_training_for_retrieval(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fill(tmp_path / "hand", root)
    raw = yaml.safe_load(config_of(root, "xtreme").read_text())
    study = Study({**raw, "data_root": str(tmp_path / "hand")}, root)
    # BUCC's other three languages are not in the folder.
    sizes = {"xnli": 15, "pawsx": 7, "pos": 33, "ner": 40, "xquad": 11, "mlqa": 7, "tydiqa": 9,
             "bucc": 2, "tatoeba": 36}  # fmt: skip
    assert {task: len(found) for task, found in study.languages.items()} == sizes
    for run in study.runs["target"].values():
        searched = {one["target"] for one in run.recipe["evaluation"]} & {"bucc", "tatoeba"}
        assert bool(searched) == ("retrieval" in run.recipe)
        assert not searched or "training" not in run.recipe


def test_unpinned_it_stops_at_once(snakemake, root):
    config = config_of(root, "xtreme")
    ended = snakemake("--cores", "1", "--configfile", config)
    assert ended.returncode == 1
    said = ended.stdout + ended.stderr
    assert "no revision is pinned for" in said
    assert f"run `snakemake pin --configfile {config}` once" in said
    assert not (snakemake.folder / "results" / "downloads").exists()


@pytest.fixture
def hub_study(root, samples, tmp_path, monkeypatch):
    """A Hub on the loopback interface, and the config of a small study on it."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    with served(FakeHub()) as fake:
        fake.add_folder(samples)
        fake.add_model("o/small", SMALL)
        config = {
            "study": "served",
            "source": "hub",
            "hub_endpoint": fake.url,
            "intermediate_tasks": ["mnli"],
            "target_tasks": ["xnli"],
            "languages": ["en", "sw"],
            "limits": {"train": 20, "dev": 10, "test": 10},
            "encoder": {"name": "small", "source": "hub", "path": "o/small"},
        }
        file = tmp_path / "served.yaml"
        file.write_text(yaml.safe_dump(config))
        yield fake, file


def test_pinned_fetched_prepared_and_reported(snakemake, hub_study, root, monkeypatch):
    fake, file = hub_study
    pinned = snakemake("pin", "--cores", "1", "--configfile", file)
    assert pinned.returncode == 0, pinned.stdout + pinned.stderr
    assert "3 pinned, 0 were pinned before" in pinned.stdout
    lock = yaml.safe_load((snakemake.folder / LOCK).read_text())
    assert lock["datasets"] == {one: commit_of(one) for one in ("facebook/xnli", "nyu-mll/glue")}

    monkeypatch.chdir(snakemake.folder)
    study = Study(yaml.safe_load(file.read_text()), root)
    targets = [study.data(task).receipt for task in ("mnli", "xnli")]
    ended = snakemake(*targets, "--cores", "2", "--configfile", file)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert all(target.exists() for target in targets)
    assert (study.encoder.folder / "model.safetensors").read_bytes() == SMALL["model.safetensors"]

    fake.requests.clear()
    reported = snakemake("data_report", "--cores", "1", "--configfile", file)
    assert reported.returncode == 0, reported.stdout + reported.stderr
    assert re.search(r"^mnli +train +1 +1 +2344 +nyu-mll/glue \(hub\)$", reported.stdout, re.M)
    assert "2344 rows where 392702 were published" in reported.stdout
    again = snakemake("-n", *targets, "--configfile", file)
    assert "Nothing to be done" in again.stdout + again.stderr
    assert fake.requests == []


def test_an_encoder_too_shallow_is_told_before_anything_is_trained(snakemake, hub_study):
    _, file = hub_study
    assert snakemake("pin", "--cores", "1", "--configfile", file).returncode == 0
    deep = yaml.safe_load(file.read_text())
    deep["encoder"]["frozen_layers"] = 2
    file.write_text(yaml.safe_dump(deep))
    ended = snakemake("--until", "build_encoder", "--cores", "1", "--configfile", file)
    assert ended.returncode == 1
    said = ended.stdout + ended.stderr
    assert "2 of 2 layers frozen leaves nothing to train" in said


def test_a_refusal_reaches_the_terminal_as_one_sentence(snakemake, hub_study):
    fake, file = hub_study
    fake.status["nyu-mll/glue"] = (403, "GatedRepo")
    ended = snakemake("pin", "--cores", "1", "--configfile", file)
    assert ended.returncode == 1
    assert "pin: the data set nyu-mll/glue asks for its terms to be accepted" in (
        ended.stdout + ended.stderr
    )


def test_scripts_start_without_the_hubs_libraries(root):
    """Nothing but fetching and pinning imports what could ask a network."""
    code = (
        "import sys, xstilts.preparation.prepare, xstilts.plan.grid, xstilts.commands.inventory\n"
    )
    code += "print(*{'huggingface_hub', 'datasets'} & set(sys.modules))"
    environment = {"PYTHONPATH": str(root / "workflow" / "scripts")}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stdout.strip()) == (0, ""), ended.stderr
