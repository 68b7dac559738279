"""Preparation of a task: from published files to tokenised examples and a receipt."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa

from xstilts.core.errors import StudyError
from xstilts.core.files import check_unchanged, written_whole
from xstilts.data import sources
from xstilts.data.columns import Read
from xstilts.data.loading import label_names
from xstilts.data.row_faults import DROPPED_SHARE
from xstilts.data.shared_text import KnownTexts, fingerprints
from xstilts.data.special_tokens import SegmentEncoder
from xstilts.data.split_rows import CHUNK, Unit, units
from xstilts.data.store import write_split
from xstilts.data.tally import Tally, receipt
from xstilts.kinds import Kind, kind_of
from xstilts.preparation.test_sets import texts_of


def prepare_task(
    recipe: dict,
    tokenizer_file: Path,
    folder: Path,
    data_root: Path | None = None,
    *,
    dropped_share: float = DROPPED_SHARE,
) -> dict:
    """Write train.arrow, dev.arrow and test.arrow of a task into `folder`; return the receipt.

    The same recipe, tokenizer and files give the same bytes. A split that the recipe has no files
    for is written empty. Faulty rows are left out, counted in `dropped` and named in `problems`;
    with a limit, rows that were not drawn are not looked at. Training examples that share a text
    with the test sets of `apart_from` are left out after the draw, so that the others stay the
    same.

    Args:
        recipe: task, kind, labels, source, columns, held_out, splits, limits, sampling_seed,
            maximum_length, and by kind document_stride, long_sentences, rare_below; where texts of
            test sets are left out of training, `apart_from`: kind, columns and parts by task.
        tokenizer_file: tokenizer.json of the encoder.
        folder: where the splits go; made if needed.
        data_root: the folder of the data sets, for the source "folder".
        dropped_share: largest share of the rows of a split in one language that may be faulty.

    Raises:
        StudyError: data missing, unreadable, changed, without labels or of the wrong columns; a
            split without one usable example, or with more faulty ones than `dropped_share`.
    """
    kind, read = kind_of(recipe["kind"]), _reader(recipe["source"], data_root)
    kit = SegmentEncoder.open(tokenizer_file, recipe)
    planned = units(recipe)
    parts = [[part for unit in its_units for part in unit.parts] for its_units in planned.values()]
    names = label_names(recipe, parts, read, kind)
    tally = Tally(recipe["task"], kind, dropped_share)
    apart = texts_of(recipe["apart_from"], read) if recipe.get("apart_from") else None
    # Until all splits are there none of them gets its name.
    with ExitStack() as stack:
        for split, its_units in planned.items():
            temporary = stack.enter_context(written_whole(folder / f"{split}.arrow"))
            batches = _batches(its_units, recipe, kind, names, read, kit, tally, apart)
            rows = write_split(temporary, kind.prepared_columns(), batches)
            if its_units and not rows:
                problem = f"{recipe['task']}: not one usable example for {split}."
                left_out = " ".join(apart.sentences(recipe["task"])) if apart else ""
                raise StudyError(f"{problem} {tally.reasons(split)} {left_out}".strip())
    made = receipt(recipe, names, tally) | {"second_type": kit.frame.second_type}
    return made | _left_out(apart, made) if apart else made


def _left_out(apart: KnownTexts, receipt: dict) -> dict:
    """What the receipt says of the training examples that are in a test set."""
    problems = [*receipt["problems"], *apart.sentences(receipt["task"])]
    return {"shared_texts": apart.receipt(), "problems": problems}


def _reader(source: dict, data_root: Path | None) -> Read:
    """Reads a part; first makes sure that the files are those that the recipe was named after."""
    check_unchanged(data_root, source.get("files", {}))
    return partial(sources.batches, {**source, "root": data_root})


def _batches(
    its_units: list[Unit],
    recipe: dict,
    kind: Kind,
    names: list[str] | None,
    read: Read,
    kit: SegmentEncoder,
    tally: Tally,
    apart: KnownTexts | None,
) -> Iterator[pa.RecordBatch]:
    schema = kind.prepared_columns()
    for unit in its_units:
        faults = tally.open(unit.split, unit.language)
        examples = kind.examples(unit, recipe, names, read, faults)
        if unit.split == "train" and apart is not None:
            examples = (example for example in examples if apart.takes(kind.texts(example)))
        while chunk := list(islice(examples, CHUNK)):
            records = kind.tokenised(chunk, kit)
            tally.add(unit.split, unit.language, chunk, records, names)
            rows = [
                record | {"language": unit.language} | fingerprints(kind.texts(example))
                for example, record in zip(chunk, records, strict=True)
            ]
            yield pa.RecordBatch.from_pylist(rows, schema=schema)
        if faults.exceed(tally.dropped_share) and unit.limit is not None:
            # Of a few rows that were drawn, one is soon more than the share of the whole split.
            faults = kind.faults_of_all(unit, recipe, names, read, faults)
        faults.refuse(tally.dropped_share)
