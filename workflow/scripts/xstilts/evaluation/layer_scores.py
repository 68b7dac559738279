"""Which layer of the encoder finds translations: the scores of all that were compared."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from xstilts.evaluation.scores import table

LAYERS = pa.schema(
    [
        ("target", pa.string()),
        ("intermediate", pa.string()),
        ("seed", pa.int64()),
        ("layer", pa.int64()),
        ("pooling", pa.string()),
        ("compared_on", pa.string()),
        ("score", pa.float64()),
        ("used", pa.bool_()),
        ("chosen_by", pa.string()),
    ]
)


def layers_table(cells: Iterable[Mapping[str, Any]]) -> pa.Table:
    """A row per retrieval cell, layer and pooling, as `LAYERS`; `used` made predictions.

    Scores are means over languages: F1 on dev, or of Tatoeba accuracy on test.

    Args:
        cells: mappings with intermediate, target, seed and receipt; cells that do not search have
            no rows.
    """
    rows = []
    for cell in cells:
        receipt = cell["receipt"]
        used = {
            (view["layer"], view["pooling"]): view["chosen_by"] for view in receipt.get("views", ())
        }
        compared = receipt.get("compared") or {"on": None, "views": ()}
        for view in compared["views"]:
            key = view["layer"], view["pooling"]
            own = (cell["target"], cell["intermediate"], cell["seed"], *key)
            rows.append((*own, compared["on"], view["mean"], key in used, used.get(key)))
    return table(rows, LAYERS)
