"""Which data files a study would read, in which languages, and whether they look whole."""

import json
from pathlib import Path
from typing import Any

from xstilts.config.sheets import Sheet
from xstilts.config.study_config import Config
from xstilts.config.variants import plain
from xstilts.core.column_forms import paths
from xstilts.core.errors import StudyError, nearest
from xstilts.core.files import file_sha256, json_object, write_memory
from xstilts.kinds import kind_of
from xstilts.plan.parquet_columns import column_names
from xstilts.sources import source_of
from xstilts.sources.methods.folders import file_name, files_of

Part = dict[str, Any]
COLUMNS = "|columns"
OTHER_FORMATS = (".csv", ".tsv", ".json", ".jsonl", ".txt", ".arrow")


def parts_of(sheet: Sheet, split: str, language: str) -> list[Part]:
    """The parts of a split in `language`, with {language} and {code} filled in."""
    code = sheet["language_codes"].get(language, language)
    return [
        {
            key: value.format(language=language, code=code) if isinstance(value, str) else value
            for key, value in part.items()
        }
        | {"language": language}
        for part in sheet["splits"][split]
    ]


def plain_parts(parts: list[Part]) -> list[Part]:
    """`parts` without what changes no number."""
    return [{key: part[key] for key in part if key != "by_hand"} for part in parts]


def is_fetched(part: Part, config: Config) -> bool:
    """Whether the study fetches a part by itself."""
    return source_of(config["source"]).is_fetched(part)


def is_there(part: Part, config: Config) -> bool:
    """Whether a part lies in the data folder, or can be fetched."""
    return is_fetched(part, config) or bool(files_of(part, config["data_root"]))


def has_data(sheet: Sheet, split: str, language: str, config: Config) -> bool:
    """Whether every part of the split is there."""
    parts = parts_of(sheet, split, language)
    source = source_of(config["source"])
    return bool(parts) and all(source.has_part(part, config) for part in parts)


def data_folder(config: Config) -> str:
    """How a sentence names the folder that a user puts files into."""
    return config["data_root"] or "a folder that data_root names"


def missing_files(sheet: Sheet, split: str, language: str, config: Config) -> str:
    """Names of the files that a split lacks, as a user would have to put them."""
    names = [
        f"{file_name(part)}{_other_format(part, config)}"
        for part in parts_of(sheet, split, language)
        if not is_there(part, config)
    ]
    return ", ".join(names)


def _other_format(part: Part, config: Config) -> str:
    """What to say where the data lie there, but not as Parquet."""
    if config["data_root"] is None:
        return ""
    whole = Path(config["data_root"]) / file_name(part)
    for ending in OTHER_FORMATS:
        if whole.with_suffix(ending).is_file():
            return f" (made of the {whole.stem}{ending} there, which is not read)"
    return ""


def possible_languages(sheet: Sheet, config: Config, root: Path) -> list[str]:
    """Languages that the task has, or those of a source with languages of its own, in order."""
    possible = source_of(config["source"]).languages_of(sheet["languages"], root)
    # Of two sides one is English already.
    two_sided = kind_of(sheet["kind"]).sides is not None
    return [code for code in possible if code != "en" or not two_sided]


def test_languages(task: str, sheet: Sheet, config: Config, root: Path) -> list[str]:
    """Languages in which target `task` is evaluated, in the sheet's order.

    Raises:
        StudyError: a language that was asked for by name is not to be had.
    """
    possible = possible_languages(sheet, config, root)
    own = config["tasks"].get(plain(task), {}).get("languages")
    if own:
        for language in own:
            if language not in possible:
                raise StudyError(
                    f"config, key 'tasks.{task}.languages': {task} has no language '{language}'; "
                    f"{nearest(language, possible)}"
                )
            if not has_data(sheet, "test", language, config):
                raise StudyError(
                    f"config, key 'tasks.{task}.languages': no data for '{language}'; put "
                    f"{missing_files(sheet, 'test', language, config)} into the data folder."
                )
        return [language for language in possible if language in own]
    wanted = possible if config["languages"] == "all" else config["languages"]
    return [
        language
        for language in possible
        if language in wanted and has_data(sheet, "test", language, config)
    ]


def check_parquet(path: Path) -> None:
    """Look at the first and last four bytes, so that a broken file stops a study before training.

    Raises:
        StudyError: the file is not a whole Parquet file.
    """
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(4)
        stream.seek(max(size - 4, 0))
        tail = stream.read(4)
    if size < 12 or head != b"PAR1" or tail != b"PAR1":
        raise StudyError(f"{path} is not a whole Parquet file; copy or download it again.")


def check_safetensors(path: Path) -> None:
    """Compare the length of a safetensors file with what its header promises.

    Raises:
        StudyError: the file is cut off or is no safetensors file.
    """
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(length)) if length < 1 << 28 else {}
        ends = [item["data_offsets"][1] for key, item in header.items() if key != "__metadata__"]
        whole = path.stat().st_size == 8 + length + max(ends)
    except (ValueError, TypeError, AttributeError, KeyError):
        whole = False
    if not whole:
        raise StudyError(f"{path} is cut off or no safetensors file; copy or download it again.")


class FileDigests:
    """SHA-256 of data files, remembered by path, size and time so that a dry run is quick.

    A file that was touched is hashed anew and gets the same digest: nothing depends on times.
    """

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self.known: dict[str, str] = json_object(memory)
        self.changed = False

    def of(self, path: Path) -> str:
        """SHA-256 of `path`, after a look at whether it is whole."""
        prefix, key = _key(path)
        if key not in self.known:
            checks = {".parquet": check_parquet, ".safetensors": check_safetensors}
            checks.get(path.suffix, lambda _: None)(path)
            for old in [known for known in self.known if known.startswith(prefix)]:
                del self.known[old]
            self.known[key] = file_sha256(path)
            if path.suffix == ".parquet":
                self.known[key + COLUMNS] = "\t".join(column_names(path))
            self.changed = True
        return self.known[key]

    def columns(self, path: Path) -> list[str]:
        """Names of the columns of a Parquet file; none where they cannot be read."""
        self.of(path)
        names = self.known.get(_key(path)[1] + COLUMNS, "")
        return names.split("\t") if names else []

    def save(self) -> None:
        """Keep what was learnt for the next dry run."""
        if self.changed:
            write_memory(self.memory, self.known)
            self.changed = False


def _key(path: Path) -> tuple[str, str]:
    """Under what a file's digest is remembered: where it is, and that and its stamps.

    Size and time of the content alone are not enough: an editor, rsync -t or touch can give a
    changed file those that it had. The time of the last change of either, and the number of the
    file itself, nobody sets.
    """
    status = path.stat()
    stamps = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    prefix = f"{path.resolve()}|"
    return prefix, prefix + "|".join(map(str, stamps))


def check_columns(sheet: Sheet, parts: list[Part], root: Path, digests: FileDigests) -> None:
    """Whether the files of `parts` have the columns that the sheet names.

    Of a kind that needs no field of every file, as retrieval, whose files for mining have other
    columns than those of pairs, nothing is said before they are read.

    Raises:
        StudyError: one lacks a column.
    """
    for part in parts if kind_of(sheet["kind"]).shape.required else ():
        mapped = (part.get("columns") or sheet["columns"]).values()
        needed = [path for column in mapped for path in paths(column)]
        for file in files_of(part, root):
            names = digests.columns(file)
            for path in needed if names else ():
                if path not in names and path.partition(".")[0] not in names:
                    raise StudyError(
                        f"{file} has no column '{path.partition('.')[0]}', which the sheet of "
                        f"{sheet['name']} names; {nearest(path.partition('.')[0], names)}"
                    )
