"""Every intermediate task beyond the paper's nine: read, prepared, trained and scored.

Real samples, a random encoder of two layers and a tokenizer of letters: what is shown is that each
sheet reads what is published, not that anything is learnt.
"""

import math
import shutil

import pytest
import yaml

from helpers.tiny_encoders import save_tiny
from helpers.tiny_tokenizer import tiny_tokenizer
from helpers.workshop import Workshop, make
from xstilts.core.files import file_sha256
from xstilts.core.receipts import publish
from xstilts.plan.data_files import parts_of
from xstilts.preparation.prepare import prepare_task

FURTHER = {
    "mrpc", "rte", "scitail", "boolq", "cb", "wic",
    "copa", "socialiqa", "piqa", "openbookqa", "qasc", "dream", "mctest", "quail", "logiqa",
    "wnut17", "uner", "semtags",
    "cola", "sst2", "strategyqa", "trec", "subj", "tweet_emotion", "tweet_irony", "tweet_hate",
    "stsb",
}  # fmt: skip
LENGTH = 96


@pytest.fixture
def workshop(tmp_path):
    workshop = Workshop(tmp_path)
    shutil.rmtree(workshop.encoder)
    tokenizer = tiny_tokenizer()
    size = tokenizer.get_vocab_size()
    save_tiny(
        "xlm-r", workshop.encoder, vocab_size=size, num_hidden_layers=2,
        max_position_embeddings=LENGTH + 2,
    )  # fmt: skip
    tokenizer.save(str(workshop.encoder / "tokenizer.json"))
    files = {path.name: file_sha256(path) for path in sorted(workshop.encoder.iterdir())}
    publish(workshop.encoder, {"files": files})
    return workshop


def prepared(workshop, root, samples, name):
    """The sheet's task, prepared of a few rows."""
    sheet = yaml.safe_load((root / "resources" / "tasks" / f"{name}.yaml").read_text("utf-8"))
    recipe = {
        "task": name,
        "source": {"name": "folder"},
        "splits": {split: parts_of(sheet, split, "en") for split in ("train", "dev")},
        "limits": {"train": 48, "dev": 24},
        "sampling_seed": 1,
        "maximum_length": LENGTH,
        **{key: sheet[key] for key in ("kind", "labels", "columns", "held_out")},
    }
    recipe["label_respellings"] = sheet.get("label_respellings", {})
    folder = workshop.data(name)
    receipt = prepare_task(recipe, workshop.encoder / "tokenizer.json", folder, samples)
    publish(folder, receipt)
    workshop.kinds[name] = sheet["kind"]
    return sheet, receipt


@pytest.mark.parametrize("name", sorted(FURTHER))
def test_a_real_sample_is_read_prepared_trained_and_scored(workshop, root, samples, name):
    sheet, receipt = prepared(workshop, root, samples, name)
    assert receipt["rows"] == {"train": {"en": 48}, "dev": {"en": 24}, "test": {}}
    assert receipt["dropped"] == {}
    job = workshop.job(name, "intermediate", [name], epochs=1)
    job.recipe["tasks"][0]["metric"] = sheet["metrics"][0]
    run = make(job)
    training, dev = run["training"], run["dev"][name]
    # An encoder of random weights may well give one answer to all (`diverged`).
    assert training["diverged"] is None and training["steps"] == training["planned_steps"] > 5
    assert math.isfinite(training["loss_first"]) and math.isfinite(training["loss_last"])
    assert dev["n"] == 24 and dev["metric"] == sheet["metrics"][0]
    assert -100 <= dev["score"] <= 100
