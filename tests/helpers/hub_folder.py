"""A tiny data folder in the Hub's layout, enough to plan a study though not to run it."""

import copy
from pathlib import Path

from xstilts.config.study_config import sheets_of
from xstilts.plan.data_files import parts_of

LANGUAGES = ("en", "de", "sw", "zh")


def fill(folder: Path, root: Path) -> None:
    """Every file that any task would read in LANGUAGES, or in its first, with bytes of its own.

    Planning looks only at a Parquet file's two ends and its digest, so the middle is a name.
    """
    for sheet in sheets_of(root).values():
        tested = [code for code in LANGUAGES if code in sheet["languages"]]
        for split in ("train", "dev", "test"):
            for language in (tested or sheet["languages"][:1]) if split == "test" else ("en",):
                for part in parts_of(sheet, split, language):
                    name = f"{part['config']}/{part['split']}.parquet"
                    path = folder / part["dataset"].replace("/", "__") / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(b"PAR1" + name.encode() + b"PAR1")


def whole_grid(data_root: Path) -> dict:
    """A config of all rows and columns over `data_root`."""
    return {
        "study": "tiny",
        "source": "folder",
        "data_root": str(data_root),
        # Not `auto`, so that names are the same on every machine.
        "precision": "float32",
        "limits": {"train": 100, "dev": 20, "test": 10},
        "encoder": {"name": "small", "layers": 6, "frozen_layers": 3},
    }


def changed(config: dict, **edits: object) -> dict:
    """A copy of `config` in which `a__b=value` sets `config["a"]["b"]`; `...` deletes the key."""
    config = copy.deepcopy(config)
    for path, value in edits.items():
        *outer, last = path.split("__")
        inner = config
        for key in outer:
            inner = inner.setdefault(key, {})
        if value is ...:
            del inner[last]
        else:
            inner[last] = value
    return config
