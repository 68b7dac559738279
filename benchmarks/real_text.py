"""Multilingual text for masked language modelling, from the targets' own development sets.

One file <language>.txt of sentences, from the development splits of XNLI, PAWS-X, POS, NER and
MLQA: text alone, no label, and nothing that any target is tested on. XQuAD and TyDiQA have no
development split apart from what they are tested on, so they give none; MLQA's and WikiAnn's may
share articles (never passages or sentences) with the tests.
"""

import argparse
import re
import sys
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow" / "scripts"))

from xstilts.config.study_config import sheets_of
from xstilts.core.shards import locate
from xstilts.plan.data_files import parts_of

TASKS = {
    "xnli": ("premise", "hypothesis"),
    "pawsx": ("sentence1", "sentence2"),
    "pos": ("tokens",),
    "ner": ("tokens",),
    "mlqa": ("context",),
}
# Ends of sentences; Chinese and Japanese write no space after them.
END = re.compile(r"(?<=[.!?।؟])\s+|(?<=[。！？])|\n+")
# Written without spaces between words.
UNSPACED = ("ja", "th", "zh")
SHORTEST = 15  # characters; shorter pieces are headings and list items


def sentences(value: str | list[str], language: str) -> list[str]:
    """The sentences of a text, or of its words."""
    if isinstance(value, list):
        return [("" if language in UNSPACED else " ").join(value)]
    return [one.strip() for one in END.split(value)]


def collect(data_root: Path) -> dict[str, list[str]]:
    """Sentences by language, each once, in the order in which the tasks have them."""
    sheets, found = sheets_of(ROOT), defaultdict(dict)
    for task, columns in TASKS.items():
        for language in sheets[task]["languages"]:
            for part in parts_of(sheets[task], "test", language):
                for file in locate(data_root, part["dataset"], part["config"], "validation"):
                    table = pq.read_table(file, columns=list(columns))
                    for row in table.to_pylist():
                        texts = [s for column in columns for s in sentences(row[column], language)]
                        found[language] |= dict.fromkeys(t for t in texts if len(t) >= SHORTEST)
    return {language: list(found[language]) for language in sorted(found)}


def write(data_root: Path, folder: Path) -> dict[str, int]:
    """Write <language>.txt below `folder`; the number of sentences by language."""
    folder.mkdir(parents=True, exist_ok=True)
    collected = collect(data_root)
    for language, texts in collected.items():
        lines = "".join(f"{' '.join(text.split())}\n" for text in texts)
        (folder / f"{language}.txt").write_text(lines, encoding="utf-8")
    return {language: len(texts) for language, texts in collected.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data_root", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    print(write(given.data_root, given.folder))
