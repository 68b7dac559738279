"""The job of a translation: model and examples in, a file and its receipt out."""

from pathlib import Path
from typing import Any

import torch

from xstilts.data.row_faults import DROPPED_SHARE
from xstilts.translation.task import translate_task
from xstilts.translation.translator import Translator


def translate(
    recipe: dict[str, Any],
    model: Path,
    folder: Path,
    data_root: Path | None,
    device: torch.device,
    *,
    dropped_share: float = DROPPED_SHARE,
) -> dict[str, Any]:
    """Translate as `recipe` says with the model in `model`; the facts for the receipt."""
    translator = Translator(model, recipe["model"], device)
    return translate_task(
        recipe, translator.translate, folder, data_root, dropped_share=dropped_share
    )
