"""Tasks of real samples, prepared of a few rows for a random encoder with a tokenizer of letters.

What is shown with them is that sheets read what is published, not that anything is learnt.
"""

import shutil

from helpers.tiny_encoders import save_tiny
from helpers.tiny_tokenizer import tiny_tokenizer
from helpers.workshop import Workshop
from xstilts.config.sheets import respellings
from xstilts.config.study_config import sheets_of
from xstilts.core.files import file_sha256
from xstilts.core.receipts import publish
from xstilts.core.shards import locate
from xstilts.plan.data_files import parts_of
from xstilts.preparation.prepare import prepare_task

LENGTH = 96
# Tasks beyond the paper's that may be intermediate ones.
FURTHER = {
    "mrpc", "rte", "scitail", "boolq", "cb", "wic",
    "copa", "socialiqa", "piqa", "openbookqa", "qasc", "dream", "mctest", "quail", "logiqa",
    "wnut17", "uner", "semtags",
    "cola", "sst2", "strategyqa", "trec", "subj", "tweet_emotion", "tweet_irony", "tweet_hate",
    "stsb",
}  # fmt: skip


def real_workshop(folder) -> Workshop:
    """A workshop whose encoder reads real text."""
    workshop = Workshop(folder)
    shutil.rmtree(workshop.encoder)
    tokenizer = tiny_tokenizer()
    save_tiny(
        "xlm-r", workshop.encoder, vocab_size=tokenizer.get_vocab_size(), num_hidden_layers=2,
        max_position_embeddings=LENGTH + 2,
    )  # fmt: skip
    tokenizer.save(str(workshop.encoder / "tokenizer.json"))
    files = {path.name: file_sha256(path) for path in sorted(workshop.encoder.iterdir())}
    publish(workshop.encoder, {"files": files})
    return workshop


def prepare_real(workshop, root, samples, name, limits):
    """The sheet of a task and the receipt of its data: all languages that the samples have."""
    sheet = sheets_of(root)[name]
    test = [parts_of(sheet, "test", language) for language in sheet["languages"]]

    def is_there(parts):
        return all(locate(samples, one["dataset"], one["config"], one["split"]) for one in parts)

    recipe = {
        "task": name,
        "source": {"name": "folder"},
        "splits": {split: parts_of(sheet, split, "en") for split in ("train", "dev")},
        "limits": limits,
        "sampling_seed": 1,
        "maximum_length": LENGTH,
        **{key: sheet[key] for key in ("kind", "labels", "columns", "held_out")},
        **respellings(sheet),
    }
    recipe["splits"]["test"] = [part for parts in test if is_there(parts) for part in parts]
    folder = workshop.data(name)
    receipt = prepare_task(recipe, workshop.encoder / "tokenizer.json", folder, samples)
    publish(folder, receipt)
    workshop.kinds[name] = sheet["kind"]
    return sheet, receipt
