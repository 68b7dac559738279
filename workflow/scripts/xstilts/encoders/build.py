"""Stage 0: put the study's encoder where its runs look for it."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xstilts.core import receipts
from xstilts.core.files import check_unchanged, file_sha256, place, write_atomically
from xstilts.core.paths import MANIFEST, model_folder
from xstilts.encoders.encoder_files import read_json, weight_files
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
    if recipe["source"]["name"] == "demo":
        from xstilts.encoders.demo_encoder import build_demo_encoder

        given = settings.get("weights_file")
        weights_file = Path(given) if given else None
        layers = recipe["source"]["layers"]
        facts = build_demo_encoder(folder, layers=layers, weights_file=weights_file)
    elif recipe["source"]["name"] == "hub":
        fetched = model_folder(recipe["source"]["model"], recipe["source"]["revision"])
        promised = read_json(fetched / MANIFEST)["files"]
        facts = _take(promised, fetched, folder, place, f"delete {fetched} and run again")
    else:
        # The folder is the user's own, who may edit a file of it in place: hence a copy.
        source = Path(settings["path"])
        facts = _take(recipe["source"]["files"], source, folder, _copy, "run again")
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


def _copy(source: Path, target: Path) -> None:
    write_atomically(target, lambda file: shutil.copyfile(source, file))


def _take(
    promised: dict[str, str],
    source: Path,
    folder: Path,
    put: Callable[[Path, Path], None],
    remedy: str,
) -> dict[str, Any]:
    check_unchanged(source, promised, remedy)
    for name in promised:
        put(source / name, folder / name)
    return {"copied": len(promised)}
