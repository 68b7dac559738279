"""What recipes read from the Hub: the files that are fetched for them, and the repositories."""

from pathlib import Path
from typing import Any

from xstilts.core.paths import split_file
from xstilts.plan.recipes import Recipe


def fetched_files(recipe: Recipe) -> list[Path]:
    """The files that a data recipe reads from the Hub, once each, in order."""
    revisions: dict[str, Any] = recipe["source"].get("revisions", {})
    found = [
        split_file(part["dataset"], revisions[part["dataset"]], part["config"], part["split"])
        for parts in [
            *recipe["splits"].values(),
            *(test_set["parts"] for test_set in recipe.get("apart_from", {}).values()),
        ]
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
