"""Test sets that a training set is kept apart from, as its sheet names them.

Not those of the study: a run's name would change with every target that comes or goes, and studies
could share no run. So a sheet names the test sets that are known to hold texts of its training
set; the table `contamination` of a study then counts what all its training and test sets share,
whether a sheet says so or not.
"""

from typing import Any

from xstilts.config.sheets import Sheet
from xstilts.config.study_config import Config
from xstilts.plan import data_files
from xstilts.sources import source_of


def apart_from(sheet: Sheet, sheets: dict[str, Sheet], config: Config) -> dict[str, dict[str, Any]]:
    """Kind, columns and parts of the test sets, by task; those that are there.

    None of generated text, all of which is of one grammar.
    """
    if config["shared_texts"] == "keep" or source_of(config["source"]).is_generated:
        return {}
    parts_of = {
        task: _parts(sheets[task], codes, config) for task, codes in sheet["apart_from"].items()
    }
    return {
        task: {
            "kind": sheets[task]["kind"],
            "columns": sheets[task]["columns"],
            "parts": data_files.plain_parts(parts),
        }
        for task, parts in sorted(parts_of.items())
        if parts
    }


def _parts(sheet: Sheet, languages: str | list[str], config: Config) -> list[dict[str, Any]]:
    wanted = sheet["languages"] if languages == "all" else languages
    return [
        part
        for language in wanted
        if data_files.has_data(sheet, "test", language, config)
        for part in data_files.parts_of(sheet, "test", language)
    ]
