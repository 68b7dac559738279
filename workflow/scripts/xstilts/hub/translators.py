"""A translation model on the Hub: its weights as safetensors, and all that its tokenizer needs."""

import json
from pathlib import Path

from xstilts.core.errors import StudyError
from xstilts.core.files import file_sha256, link_or_copy, write_atomically
from xstilts.core.paths import MANIFEST
from xstilts.hub.access import Repository
from xstilts.hub.models import CONFIG, weight_names

# Plain text and sentencepiece models: none of them can run code.
KINDS = (".json", ".txt", ".model", ".spm")


def fetch_translator(repository: Repository, folder: Path) -> None:
    """Fill `folder` with config, tokenizer files and safetensors, and a list of them, last.

    Raises:
        StudyError: the Hub cannot be asked, or the model has no safetensors.
    """
    files = set(repository.files())
    if CONFIG not in files:
        raise StudyError(f"{repository.name} has no {CONFIG}: it is no model of transformers.")
    plain = {name for name in files if name.endswith(KINDS) and "/" not in name}
    weights = weight_names(repository, files)
    names = sorted({*weights, *(name for name in plain if "index" not in name)})
    for name in names:
        link_or_copy(repository.fetch(name), folder / name)
    digests = {name: file_sha256(folder / name) for name in names}
    text = json.dumps({"model": repository.name, "revision": repository.revision, "files": digests})
    write_atomically(folder / MANIFEST, lambda file: file.write_text(text, encoding="utf-8"))
