"""Where the multilingual text of `+mlm` rows comes from, and in which languages."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xstilts.config.study_config import Config
from xstilts.core.errors import StudyError, nearest
from xstilts.plan import data_files
from xstilts.sources import source_of

# Data sets of these names are no data sets of the Hub, but made by the grammar or plain files.
DEMO_TEXT, PLAIN_TEXT = "demo/text", "plain/text"


def text_languages(config: Config, root: Path, targets: Iterable[str]) -> tuple[list[str], str]:
    """Languages of the text, and if there are none what to do about it.

    `targets` are the test languages of the study, `root` is the repository.

    Raises:
        StudyError: a language that was asked for is not there.
    """
    settings = config["masked_language_model"]
    possible = _possible(config, root, targets)
    wanted = settings["languages"]
    for language in wanted or []:
        if possible and language not in possible:
            raise StudyError(
                f"config, key 'masked_language_model.languages': there is no text in '{language}'; "
                f"{nearest(language, possible)}"
            )
    if not possible:
        return [], _lack(config)
    return [language for language in possible if language in (wanted or possible)], ""


def _possible(config: Config, root: Path, targets: Iterable[str]) -> list[str]:
    settings = config["masked_language_model"]
    if settings["text_root"] is not None:
        return sorted(path.stem for path in Path(settings["text_root"]).glob("*.txt"))
    if settings["dataset"] is not None:
        candidates = sorted({*targets, *(settings["languages"] or [])})
        return [
            language
            for language in candidates
            if data_files.is_there(text_part(config, language), config)
        ]
    return source_of(config["source"]).text_languages(root)


def _lack(config: Config) -> str:
    settings = config["masked_language_model"]
    if settings["text_root"] is not None:
        return f"put a file <language>.txt per language into {settings['text_root']}"
    if settings["dataset"] is not None:
        file = data_files.file_name(text_part(config, "de"))
        return f"put {file}, and so for other languages, into {data_files.data_folder(config)}"
    return (
        "name its text by masked_language_model.text_root (a folder of <language>.txt) or "
        "masked_language_model.dataset"
    )


def text_part(config: Config, language: str) -> dict[str, Any]:
    """The part of the text in one language, as in a data recipe."""
    settings = config["masked_language_model"]
    if settings["text_root"] is not None:
        return {"dataset": PLAIN_TEXT, "config": language, "split": "txt", "language": language}
    if settings["dataset"] is None:
        return {"dataset": DEMO_TEXT, "config": language, "split": "train", "column": "text",
                "language": language}  # fmt: skip
    return {
        "dataset": settings["dataset"],
        "config": settings["config"].format(language=language),
        "split": settings["split"],
        "column": settings["column"],
        "language": language,
    }
