"""What recipes read from the Hub: the files that are fetched for them, and the repositories."""

from pathlib import Path
from typing import Any

from xstilts.core.paths import split_file
from xstilts.encoders.sources import encoder_source_of
from xstilts.plan.recipes import Recipe
from xstilts.translation.sources import translator_source_of


def fetched_files(recipe: Recipe) -> list[Path]:
    """The files that a data recipe reads from the Hub, once each, in order."""
    revisions: dict[str, Any] = recipe["source"].get("revisions", {})
    files = [
        split_file(part["dataset"], revisions[part["dataset"]], part["config"], part["split"])
        for parts in [
            *recipe["splits"].values(),
            *(test_set["parts"] for test_set in recipe.get("apart_from", {}).values()),
        ]
        for part in parts
        if part["dataset"] in revisions
    ]
    return list(dict.fromkeys(files))


def fetched_encoder(recipe: Recipe) -> list[Path]:
    """The list of an encoder's fetched files, where there are any."""
    source = recipe["source"]
    return _there(encoder_source_of(source["name"]).fetched(source))


def fetched_translator(recipe: Recipe) -> list[Path]:
    """The list of a translation model's fetched files, where there are any."""
    model = recipe["model"]
    return _there(translator_source_of(model["name"]).fetched(model))


def _there(manifest: Path | None) -> list[Path]:
    return [manifest] if manifest else []


def repositories(recipes: list[Recipe]) -> dict[str, list[str]]:
    """Data sets and models that these recipes name on the Hub, by kind, sorted."""
    sources = [recipe["source"] for recipe in recipes]
    # A translation reads data and a model.
    sources += [recipe["model"] for recipe in recipes if "model" in recipe]
    datasets = {name for source in sources for name in source.get("revisions", {})}
    models = {source["model"] for source in sources if "model" in source}
    return {"datasets": sorted(datasets), "models": sorted(models)}
