"""Files of transformers: how deep a model is by its config.json, and taking them over."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xstilts.core.files import check_unchanged

# What the families call their number of layers in config.json (BERT's, mT5's, DistilBERT's).
LAYER_COUNTS = ("num_hidden_layers", "num_layers", "n_layers")


def depth_in(config: Mapping[str, Any]) -> float:
    """Number of layers by the content of config.json; infinite where it does not say."""
    counts = (config[name] for name in LAYER_COUNTS if isinstance(config.get(name), int))
    return next(counts, math.inf)


def take(
    promised: Mapping[str, str],
    source: Path,
    folder: Path,
    put: Callable[[Path, Path], None],
    remedy: str,
) -> dict[str, Any]:
    """`put` the files of `promised` (SHA-256 by name) from `source` into `folder`, and count them.

    Raises:
        StudyError: one has changed or is gone; `remedy` says what to do.
    """
    check_unchanged(source, promised, remedy)
    for name in promised:
        put(source / name, folder / name)
    return {"copied": len(promised)}
