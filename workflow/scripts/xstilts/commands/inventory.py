"""Every part of every task of a study, whether it is there or not, for `snakemake data_report`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xstilts.config.study_config import limits_of
from xstilts.config.variants import plain, training_task
from xstilts.core.naming import source_language
from xstilts.plan import data_files
from xstilts.plan.encoders import AnyStudy
from xstilts.plan.grid import Study

SPLITS = ("train", "dev", "test")


def inventory(study: AnyStudy) -> list[dict[str, Any]]:
    """One plain row per part that the study reads, or would read if it were there.

    Each has task, title, split, language, dataset, config, part (the data set's own split), source
    (or "by hand"), place (a file, or where to put it), files (those that are there), revision,
    is_made, is_fetched, licence, and expected (rows of a source that makes them, else None).
    """
    # All encoders read the same data.
    study = next(iter(study.by_encoder.values()))
    config = study.config
    named = [*map(training_task, config["intermediate_tasks"]), *config["target_tasks"]]
    training_sets = [study.sheets[task]["training_set"] for task in config["target_tasks"]]
    tasks = dict.fromkeys([*named, *filter(None, training_sets)])
    rows = [row for task in tasks for row in _rows(study, task)]
    # TyDiQA's languages lie in one file, which is one row per language all the same.
    return list({tuple(row[key] for key in ("task", "split", "language", "place")): row
                 for row in rows}.values())  # fmt: skip


def _rows(study: Study, task: str) -> Iterator[dict[str, Any]]:
    sheet, config = study.sheets[task], study.config
    for split in SPLITS:
        for language in _languages(study, task, split):
            for part in data_files.parts_of(sheet, split, language):
                yield {
                    "task": task,
                    "title": sheet["title"],
                    "split": split,
                    "language": language,
                    "dataset": part["dataset"],
                    "config": part["config"],
                    "part": part["split"],
                    "prefix": part.get("id_prefix", ""),
                    "licence": sheet["license"],
                    "expected": limits_of(task, config)[split],
                    **study.prepared.whereabouts(part),
                }


def _languages(study: Study, task: str, split: str) -> list[str]:
    if split != "test":
        translations = study.prepared.available.translations
        own = [source_language(task)]
        return translations.get(task, own) if split == "train" else own
    if task not in study.config["target_tasks"]:
        return []
    possible = data_files.possible_languages(study.sheets[task], study.config, _root(study))
    wanted = (
        study.config["tasks"].get(plain(task), {}).get("languages") or study.config["languages"]
    )
    return [code for code in possible if wanted == "all" or code in wanted]


def _root(study: Study) -> Path:
    return study.prepared.root
