"""Stage 0: put the study's encoder where its runs look for it."""

import time
from pathlib import Path
from typing import Any

from xstilts.core import receipts
from xstilts.core.files import file_sha256
from xstilts.encoders.encoder_files import weight_files
from xstilts.encoders.sources import encoder_source_of
from xstilts.encoders.tokenizer import FILE as TOKENIZER

OTHERS = {receipts.NAME, receipts.WITHDRAWN}


def build_encoder(recipe: dict[str, Any], folder: Path, settings: dict[str, Any]) -> None:
    """Fill `folder` with the encoder of `recipe` and publish its receipt.

    `settings` (the config's `encoder`) only says where the files lie; those of a model on the Hub
    have been fetched.

    Raises:
        StudyError: a file is missing, damaged, or not the one that the study was planned with.
    """
    begun = time.monotonic()
    facts = encoder_source_of(recipe["source"]["name"]).put(recipe["source"], folder, settings)
    # What a run needs is named even if another process has deleted it, which then ends this one.
    needed = ["config.json", TOKENIZER, *(path.name for path in weight_files(folder))]
    names = {*needed, *(path.name for path in folder.glob("[!.]*.*"))}
    files = {name: file_sha256(folder / name) for name in sorted(names - OTHERS)}
    seconds = {
        "wall_seconds": round(time.monotonic() - begun, 2),
        "cpu_seconds": time.process_time(),
    }
    receipts.publish(
        folder, {"recipe": recipe, "status": "done", "files": files, **facts, **seconds}
    )
