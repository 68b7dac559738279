"""Preparation of plain text in many languages, for masked language modelling."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pyarrow as pa

from xstilts.core.errors import StudyError
from xstilts.core.files import check_unchanged, written_whole
from xstilts.data.shared_text import fingerprints
from xstilts.data.special_tokens import SegmentEncoder
from xstilts.data.store import prepared_schema, write_split
from xstilts.data.unicode import compose
from xstilts.sources import source_of

SPLITS = ("train", "dev")
MASKS = ("<mask>", "[MASK]")
CHUNK = 1000
NO_DEV = (
    "The multilingual text has too few lines for a dev set (five of a language give one line): the "
    "loss of masked tokens is not told."
)

Lines = Callable[[], Iterator[str]]


def prepare_text(
    recipe: dict, tokenizer_file: Path, folder: Path, root: Path | None = None
) -> dict:
    """Write train.arrow and dev.arrow (and an empty test.arrow) into `folder`; return the receipt.

    One line of a file, or one row of a data set, is one example, cut at the maximum length. Where
    a language has more than `limits` asks for, lines are taken evenly from first to last.

    The receipt tells rows by split and language; `lines`, all that each language has, by which
    languages are weighted; `mask`, the token that masks; and `special`, those never masked.

    Args:
        recipe: source, splits.train (a part per language), limits, maximum_length.
        tokenizer_file: tokenizer.json of the encoder.
        folder: where the splits go; made if needed.
        root: the folder of the text files, or of the data sets.

    Raises:
        StudyError: text missing, unreadable or changed, a language without any, or a tokenizer
            without a token that masks.
    """
    kit = SegmentEncoder.open(tokenizer_file, recipe)
    known = [kit.tokenizer.token_to_id(name) for name in MASKS]
    mask = next((token for token in known if token is not None), None)
    if mask is None:
        raise StudyError(
            f"{tokenizer_file} has no token {' or '.join(MASKS)}: this encoder cannot learn from "
            "masked text; take the rows +mlm out of intermediate_tasks."
        )
    read = {part["language"]: _reader(recipe["source"], part, root) for part in _parts(recipe)}
    total = {language: _count(language, lines) for language, lines in read.items()}
    rows: dict[str, Counter[str]] = {split: Counter() for split in (*SPLITS, "test")}
    with ExitStack() as stack:
        for split in rows:
            temporary = stack.enter_context(written_whole(folder / f"{split}.arrow"))
            batches = _batches(split, read, total, recipe["limits"], kit, rows[split])
            write_split(temporary, prepared_schema(), batches)
    return {
        "task": recipe["task"],
        "kind": "text",
        "labels": None,
        "rows": {split: dict(counts) for split, counts in rows.items()},
        "lines": total,
        "mask": mask,
        "special": sorted({token for run in kit.frame.single for token in run}),
        "limits": recipe["limits"],
        "label_counts": {},
        "dropped": {},
        "problems": [] if sum(rows["dev"].values()) else [NO_DEV],
    }


def _parts(recipe: dict) -> list[dict]:
    return recipe["splits"]["train"]


def _reader(source: dict, part: dict, root: Path | None) -> Lines:
    """What goes through the lines of a part, as often as it is called."""
    check_unchanged(root, source.get("files", {}))
    chosen = source_of(source["name"])
    return lambda: chosen.lines({**source, "root": root}, part)


def _count(language: str, lines: Lines) -> int:
    count = sum(1 for _ in lines())
    if not count:
        raise StudyError(
            f"the text in '{language}' has no line: fill it, or name other languages under "
            "masked_language_model.languages."
        )
    return count


def _batches(
    split: str,
    read: dict[str, Lines],
    total: dict[str, int],
    limits: dict[str, int],
    kit: SegmentEncoder,
    rows: Counter[str],
) -> Iterator[pa.RecordBatch]:
    if split not in SPLITS:
        return
    room = kit.room(1)
    for language, lines in read.items():
        chosen = _chosen(split, lines(), total[language], limits)
        while chunk := list(islice(chosen, CHUNK)):
            encoded = kit.encode([compose(text) for _, text in chunk])
            records = [
                {
                    "example_id": f"line-{number}",
                    "language": language,
                    "input_ids": [kit.frame.alone(tokens[:room])],
                    "second": [0],
                    **fingerprints([text]),
                }
                for (number, text), tokens in zip(chunk, encoded, strict=True)
                if tokens
            ]
            rows[language] += len(records)
            yield pa.RecordBatch.from_pylist(records, schema=prepared_schema())


def _chosen(
    split: str, lines: Iterator[str], total: int, limits: dict[str, int]
) -> Iterator[tuple[int, str]]:
    """Number and text of the lines of a split: evenly spaced ones, and of these evenly spaced."""
    taken = min(total, limits["train"] + limits["dev"])
    dev = min(limits["dev"], taken // 5)
    for number, text in enumerate(lines):
        chosen = number * taken // total
        if chosen == (number + 1) * taken // total:
            continue
        is_dev = chosen * dev // taken != (chosen + 1) * dev // taken
        if is_dev == (split == "dev"):
            yield number, text
