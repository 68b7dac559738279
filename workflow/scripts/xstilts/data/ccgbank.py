"""CCGbank, from the folder of whoever licenses it to the files that the sheet `ccg` names.

    python -m xstilts.data.ccgbank FOLDER DATA_ROOT

FOLDER holds CCGbank's AUTO files (`data/AUTO/00/wsj_0001.auto`; depccg's look alike), or one file
of supertags for each of train, dev and test, with any ending, a sentence a line, either
`words<TAB>tags`, as jiant reads them (with or without an index before them, and headings), or
`word|tag` or `word|part of speech|tag`, as the C&C tools write them (after a preface of `#` lines).
"""

import argparse
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from xstilts.core.errors import StudyError
from xstilts.core.files import write_atomically

# Sections for training, development and test, as in Hockenmaier and Steedman (2007) and all
# supertaggers since.
SECTIONS = {"train": range(2, 22), "validation": range(1), "test": range(23, 24)}
NAMES = {"train": ("train",), "validation": ("dev", "val", "validation"), "test": ("test",)}
DATASET = Path("silver__ccg_supertag", "default")
# <L category part-of-speech original-part-of-speech word category-with-indices>
# Fields end at blanks alone: a word may hold another space ("10 000" with one that does not break).
LEAF = re.compile(r"\(<L ([^ ]+) [^ ]+ [^ ]+ ([^ ]+) [^ ]+>\)")
# The Penn Treebank's spelling of characters that mean something in its own notation.
HEADINGS = ["index", "sentence", "tags"]
BACKUPS = (".bak", ".old", ".orig", ".save", ".swp", ".tmp", "~")
SPELLINGS = {"-LRB-": "(", "-RRB-": ")", "-LCB-": "{", "-RCB-": "}", "-LSB-": "[", "-RSB-": "]"}

Sentence = tuple[str, list[str], list[str]]
"""Id, words, tags."""


def import_ccgbank(folder: Path, data_root: Path) -> dict[str, int]:
    """Write train, validation and (if there is one) test into `data_root`; sentences by split.

    Raises:
        StudyError: there is no training or development set, a line cannot be read, or the place
            is taken.
    """
    target = data_root / DATASET
    if any(target.glob("*.parquet")):
        raise StudyError(f"{target} holds supertags already: move them away first.")
    sentences_of = {split: _unique(_sentences(folder, split)) for split in SECTIONS}
    for split in ("train", "validation"):
        if not sentences_of[split]:
            sections = SECTIONS[split]
            raise StudyError(
                f"{folder} has no sentences for {split}: give the folder that holds sections "
                f"{sections[0]:02} to {sections[-1]:02} of CCGbank's AUTO files, or "
                f"{NAMES[split][0]}.tsv."
            )
    for split, sentences in sentences_of.items():
        if sentences:
            names = ("id", "tokens", "tags")
            columns = dict(zip(names, map(list, zip(*sentences, strict=True)), strict=True))
            write_atomically(
                target / f"{split}.parquet",
                partial(pq.write_table, pa.table(columns)),
            )
    return {split: len(sentences) for split, sentences in sentences_of.items() if sentences}


def _sentences(folder: Path, split: str) -> Iterator[tuple[Path, Sentence]]:
    wanted = {f"{number:02}" for number in SECTIONS[split]}
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix.lower() == ".auto" and file.parent.name in wanted
    ]
    for file in files:
        yield from ((file, sentence) for sentence in read_auto(file))
    if files:
        return
    tables = [file for file in sorted(folder.glob("*")) if _is_table(file, split)]
    if len(tables) > 1:
        names = " and ".join(table.name for table in tables)
        raise StudyError(f"{folder} has several files for {split}, {names}: leave one there.")
    for file in tables:
        yield from ((file, sentence) for sentence in read_columns(file))


def _is_table(file: Path, split: str) -> bool:
    """Whether a file has the name of a split and at most one ending, not that of a backup."""
    name, _, ending = file.name.lower().partition(".")
    is_backup = f".{ending}".endswith(BACKUPS) or "." in ending
    return file.is_file() and name in NAMES[split] and not is_backup


def _unique(sentences: Iterator[tuple[Path, Sentence]]) -> list[Sentence]:
    """Sentences whose ids occur once.

    Raises:
        StudyError: one occurs twice; the preparation would silently keep the first.
    """
    files: dict[str, Path] = {}
    kept = []
    for file, sentence in sentences:
        name = sentence[0]
        if name in files:
            both = " and ".join(dict.fromkeys([str(files[name]), str(file)]))
            raise StudyError(
                f"The sentence {name} stands twice, in {both}: take away what is there twice."
            )
        files[name] = file
        kept.append(sentence)
    return kept


def read_auto(file: Path) -> Iterator[Sentence]:
    """Sentences of an AUTO file: a line `ID=wsj_0001.1 …`, then a line with the derivation.

    Where ids are bare numbers, as depccg's, which begin at 1 in every file, section and file stand
    before them.
    """
    name = ""
    for number, line in _lines(file):
        if line.startswith("ID="):
            name = line.split()[0].removeprefix("ID=").rstrip(",")
            if name.isdecimal():
                name = f"{file.parent.name}-{file.stem}-{name}"
            continue
        leaves = LEAF.findall(line)
        if not name or not leaves or len(leaves) != line.count("(<L "):
            raise StudyError(
                f"{file}, line {number} is no derivation of CCGbank's AUTO files, which follows "
                "a line `ID=…`: copy the file again."
            )
        yield name, [plain(word) for _, word in leaves], [tag for tag, _ in leaves]
        name = ""


def read_columns(file: Path) -> Iterator[Sentence]:
    """Sentences of a file of supertags, a sentence a line."""
    is_preface = True
    for number, line in _lines(file):
        columns = line.split("\t")
        if is_preface and (columns == HEADINGS or (line[0] == "#" and not set(line) & {"|", "\t"})):
            continue
        is_preface = False
        if len(columns) == len(HEADINGS) and columns[0].isdecimal():
            columns = columns[1:]
        if len(columns) == 2:
            words, tags = map(_split, columns)
        elif len(columns) > 2:
            words, tags = _split(columns[0]), _split(" ".join(columns[1:]))
        else:
            fields = [word.split("|") for word in _split(line)]
            words, tags = [field[0] for field in fields], [field[-1] for field in fields]
            if not all(len(field) in (2, 3) for field in fields):
                tags = []
        if not words or len(words) != len(tags):
            raise StudyError(
                f"{file}, line {number} has {len(words)} words and {len(tags)} tags: write "
                "`words<TAB>tags`, or `word|tag` with spaces between."
            )
        yield f"{file.name.partition('.')[0]}-{number}", [plain(word) for word in words], tags


def _split(text: str) -> list[str]:
    """Words between blanks, other spaces being part of them."""
    return [word for word in text.split(" ") if word]


def plain(word: str) -> str:
    r"""A word as it is printed: brackets and `\/` are spelt out in the Penn Treebank."""
    return SPELLINGS.get(word, word.replace("\\/", "/").replace("\\*", "*"))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        with file.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, 1):
                if text := line.strip(" \t\r\n"):
                    yield number, text
    except (OSError, UnicodeDecodeError) as error:
        raise StudyError(f"{file} cannot be read as text ({error}): copy it again.") from None


def main() -> None:
    """Read the command line, and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("data_root", type=Path, metavar="DATA_ROOT")
    options = parser.parse_args()
    try:
        counts = import_ccgbank(options.folder, options.data_root)
    except StudyError as error:
        sys.exit(str(error))
    written = ", ".join(f"{count} sentences for {split}" for split, count in counts.items())
    print(f"{options.data_root / DATASET}: {written}")


if __name__ == "__main__":
    main()
