"""Where files of the Hub lie once they are fetched: below results/, in the folder source's layout.

A name holds the commit, so that a file that is there is the right one, for every study.
"""

from pathlib import Path
from typing import Any

from xstilts.core.paths import DOWNLOADS, at
from xstilts.plan.recipes import Recipe

MODELS = DOWNLOADS / "models"
# Translation models are fetched with all files of their tokenizers, encoders without.
TRANSLATORS = DOWNLOADS / "translators"
# Says what a fetched encoder consists of; written last.
MANIFEST = "fetched.json"


def split_file(dataset: str, revision: str, config: str, split: str) -> Path:
    """The one Parquet file of a fetched split."""
    return DOWNLOADS / at(dataset, revision).replace("/", "__") / config / f"{split}.parquet"


def model_folder(model: str, revision: str) -> Path:
    """Folder of a fetched encoder."""
    return MODELS / at(model, revision).replace("/", "__")


def translator_folder(model: str, revision: str) -> Path:
    """Folder of a fetched translation model."""
    return TRANSLATORS / at(model, revision).replace("/", "__")


def fetched_files(recipe: Recipe) -> list[Path]:
    """The files that a data recipe reads from the Hub, once each, in order."""
    revisions: dict[str, Any] = recipe["source"].get("revisions", {})
    found = [
        split_file(part["dataset"], revisions[part["dataset"]], part["config"], part["split"])
        for parts in recipe["splits"].values()
        for part in parts
        if part["dataset"] in revisions
    ]
    return list(dict.fromkeys(found))


def repositories(recipes: list[Recipe]) -> dict[str, list[str]]:
    """Data sets and models that these recipes name on the Hub, by kind, sorted."""
    sources = [recipe["source"] for recipe in recipes]
    # A translation reads data and a model.
    sources += [recipe["model"] for recipe in recipes if "model" in recipe]
    datasets = {name for source in sources for name in source.get("revisions", {})}
    models = {source["model"] for source in sources if "model" in source}
    return {"datasets": sorted(datasets), "models": sorted(models)}
