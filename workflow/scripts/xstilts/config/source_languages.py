"""Tasks trained in another language than English: `<task>@<language>`, by `source_languages`.

As a row it is the intermediate task in that language; as a column the target whose training and dev
sets are in it, evaluated in all of its languages. On treebanks of 65 languages the best of many
sources was worth 10 points more than English (de Vries, Wieling and Nissim 2022).
"""

from collections.abc import Iterable
from typing import Any

from xstilts.config.sheets import Sheet
from xstilts.config.variants import plain
from xstilts.core.errors import StudyError, nearest
from xstilts.core.naming import ENGLISH, in_language, source_language

Config = dict[str, Any]
SIDES = {"intermediate": "intermediate_tasks", "target": "target_tasks"}


def source_sheets(config: Config, sheets: dict[str, Sheet]) -> dict[str, Sheet]:
    """The sheets of all tasks in the languages of `source_languages`, English aside."""
    asked = config["source_languages"]
    languages = {code for codes in asked.values() for code in codes} - {ENGLISH}
    of_languages = {}
    for language in sorted(languages):
        own = {name for name, sheet in sheets.items() if _has_source(sheet, language)}
        for name, sheet in sheets.items():
            training_set = name if name in own else sheet["training_set"]
            if training_set in own:
                made = _in_language(sheet, language, training_set)
                of_languages[made["name"]] = made
    return of_languages


def _has_source(sheet: Sheet, language: str) -> bool:
    return bool(sheet["splits"]["source_train"]) and language in _languages(sheet)


def _languages(sheet: Sheet) -> list[str]:
    """Those of the published task, and those that its sheet has a code for."""
    return list(dict.fromkeys([*sheet["languages"], *sheet["language_codes"]]))


def _in_language(sheet: Sheet, language: str, training_set: str) -> Sheet:
    """`sheet` trained in `language`, whose training set is that of the task `training_set`."""
    splits = dict(sheet["splits"])
    if training_set == sheet["name"]:
        splits |= {split: splits[f"source_{split}"] for split in ("train", "dev")}
    return sheet | {
        "name": in_language(sheet["name"], language),
        "title": f"{sheet['title']} from {language}",
        "splits": splits,
        "training_set": in_language(training_set, language),
        "overlaps": [],
        # What English names of a test set is what the English training set could hold.
        "apart_from": {
            target: codes if codes == "all" else _with_source(codes, language)
            for target, codes in sheet["apart_from"].items()
        },
    }


def _with_source(codes: list[str], language: str) -> list[str]:
    """Languages of test sets for a training set in `language` in place of English."""
    return list(dict.fromkeys(language if code == ENGLISH else code for code in codes))


def with_sources(config: Config, sheets: dict[str, Sheet]) -> tuple[Config, list[str]]:
    """`config` whose rows and columns are in all source languages, and what cannot be.

    English keeps the names as they are. `sheets` are those of `source_sheets` too.

    Raises:
        StudyError: no row, or no column, has a training set in one of the languages.
    """
    asked, problems = dict(config), []
    for side, key in SIDES.items():
        languages = config["source_languages"][side]
        untrained = [name for name in config[key] if sheets[plain(name)]["training_set"] is None]
        trained = [name for name in config[key] if name not in untrained]
        if languages == [ENGLISH]:
            continue
        asked[key] = []
        for language in languages:
            # Variants of a row are of the English task alone.
            names = [name for name in trained if language == ENGLISH or name == plain(name)]
            there = [name for name in names if in_language(name, language) in sheets]
            there = names if language == ENGLISH else there
            _check_any(there, (side, language), names, sheets)
            asked[key] += [in_language(name, language) for name in there]
            if lacking := [name for name in names if name not in there]:
                problems.append(
                    f"source_languages.{side}: there is no training set in {language} of "
                    f"{', '.join(lacking)}; name one under splits.source_train of the sheet, or "
                    "leave the language out."
                )
        asked[key] += untrained
    return asked, problems


def _check_any(
    there: list[str], source: tuple[str, str], tasks: Iterable[str], sheets: dict[str, Sheet]
) -> None:
    side, language = source
    # No intermediate task at all leaves the baseline, in English as well.
    if there or not tasks:
        return
    known = {source_language(name) for name in sheets} | {
        code
        for task in tasks
        for code in _languages(sheets[plain(task)])
        if sheets[plain(task)]["splits"]["source_train"]
    }
    raise StudyError(
        f"config, key 'source_languages.{side}': none of the {side} tasks has a training set in "
        f"'{language}'; {nearest(language, known)}"
    )
