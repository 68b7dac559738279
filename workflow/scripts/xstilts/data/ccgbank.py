"""CCGbank, from the folder of whoever licenses it to the files that the sheet `ccg` names.

    python -m xstilts.data.ccgbank FOLDER DATA_ROOT

FOLDER holds CCGbank's AUTO files (`data/AUTO/00/wsj_0001.auto`), or files of supertags: train, dev
and test, with any ending, a sentence a line, either `words<TAB>tags`, as jiant reads them, or
`word|tag` or `word|part of speech|tag`, as the C&C tools write them.
"""

import argparse
import re
import sys
from collections.abc import Iterator
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
LEAF = re.compile(r"\(<L (\S+) \S+ \S+ (\S+) \S+>\)")
# The Penn Treebank's spelling of characters that mean something in its own notation.
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
    found = {split: list(_sentences(folder, split)) for split in SECTIONS}
    for split in ("train", "validation"):
        if not found[split]:
            sections = SECTIONS[split]
            raise StudyError(
                f"{folder} has no sentences for {split}: give the folder that holds sections "
                f"{sections[0]:02} to {sections[-1]:02} of CCGbank's AUTO files, or "
                f"{NAMES[split][0]}.tsv."
            )
    for split, sentences in found.items():
        if sentences:
            names = ("id", "tokens", "tags")
            columns = dict(zip(names, map(list, zip(*sentences, strict=True)), strict=True))
            write_atomically(
                target / f"{split}.parquet",
                lambda file, columns=columns: pq.write_table(pa.table(columns), file),
            )
    return {split: len(sentences) for split, sentences in found.items() if sentences}


def _sentences(folder: Path, split: str) -> Iterator[Sentence]:
    wanted = {f"{number:02}" for number in SECTIONS[split]}
    files = sorted(file for file in folder.rglob("*.auto") if file.parent.name in wanted)
    for file in files:
        yield from read_auto(file)
    if not files:
        for file in sorted(folder.glob("*")):
            if file.is_file() and file.name.partition(".")[0] in NAMES[split]:
                yield from read_columns(file)


def read_auto(file: Path) -> Iterator[Sentence]:
    """Sentences of an AUTO file: a line `ID=wsj_0001.1 …`, then a line with the derivation."""
    name = ""
    for number, line in _lines(file):
        if line.startswith("ID="):
            name = line.split()[0].removeprefix("ID=")
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
    for number, line in _lines(file):
        if "\t" in line:
            words, tags = (side.split() for side in line.split("\t", 1))
        else:
            fields = [word.split("|") for word in line.split()]
            words, tags = [one[0] for one in fields], [one[-1] for one in fields]
            if not all(len(one) in (2, 3) for one in fields):
                tags = []
        if not words or len(words) != len(tags):
            raise StudyError(
                f"{file}, line {number} has {len(words)} words and {len(tags)} tags: write "
                "`words<TAB>tags`, or `word|tag` with spaces between."
            )
        yield f"{file.name.partition('.')[0]}-{number}", [plain(word) for word in words], tags


def plain(word: str) -> str:
    r"""A word as it is printed: brackets and `\/` are spelt out in the Penn Treebank."""
    return SPELLINGS.get(word, word.replace("\\/", "/").replace("\\*", "*"))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    try:
        with file.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if text := line.strip():
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
    told = ", ".join(f"{count} sentences for {split}" for split, count in counts.items())
    print(f"{options.data_root / DATASET}: {told}")


if __name__ == "__main__":
    main()
