"""In which languages a task is to be trained on in its row `+translated`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from xstilts.config.sheets import Sheet
from xstilts.config.study_config import Config
from xstilts.config.variants import plain
from xstilts.kinds import TrainedKind, kind_of
from xstilts.plan import data_files
from xstilts.sources import source_of


@dataclass(frozen=True)
class Translations:
    """What there is of a task in other languages.

    Attributes:
        languages: those of its training data; none if the row cannot run.
        machine: whether the data are yet to be translated.
        lack: why the row cannot run, and what to do about it.
    """

    languages: list[str]
    machine: bool = False
    lack: str = ""


def find_translations(
    row: str, sheet: Sheet, targets: Iterable[str], config: Config
) -> Translations:
    """Published or given translations for `row`, with its `sheet`; or a model that makes them.

    `targets` are the test languages of the study, which the config may narrow down.
    """
    wanted = config["translated"]["languages"]
    languages = wanted or sorted({*targets} - {"en"})
    there = [code for code in languages if _is_there(row, sheet, code, config)]
    lacking = [code for code in languages if code not in there]
    if there and not (wanted and lacking):
        return Translations(there)
    if config["translated"]["model"] is None:
        return Translations([], lack=_lack(sheet, row, lacking, config))
    if not cast(TrainedKind, kind_of(sheet["kind"])).translated_fields:
        how = "take it out of intermediate_tasks"
        lack = f"labels of {sheet['kind']} do not survive translation by machine; {how}"
        return Translations([], lack=lack)
    return Translations(languages, machine=True, lack="name translated.languages")


def _is_there(row: str, sheet: Sheet, language: str, config: Config) -> bool:
    if source_of(config["source"]).lack_of_translations(plain(row)):
        return False
    return data_files.has_data(sheet, "train", language, config)


def _lack(sheet: Sheet, row: str, lacking: list[str], config: Config) -> str:
    if lack := source_of(config["source"]).lack_of_translations(plain(row)):
        return lack
    if not lacking:
        return "no language but English is tested; name translated.languages"
    missing = data_files.missing_files(sheet, "train", lacking[0], config)
    return (
        f"put {missing} into {data_files.data_folder(config)}, and so for every other language of "
        "translated.languages, or name a translated.model"
    )
