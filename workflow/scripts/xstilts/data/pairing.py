"""Sentences for retrieval: aligned pairs (Tatoeba), or two heaps with gold pairs (BUCC mining)."""

from collections.abc import Iterator

from xstilts.core.draws import hash_order
from xstilts.data.columns import Read, stream
from xstilts.data.examples import Sentence, text
from xstilts.data.row_choice import Rows
from xstilts.data.row_faults import Faults, RowError
from xstilts.data.row_kind import Shape
from xstilts.data.sources import describe
from xstilts.data.split_rows import Unit, choose

MINING = ("source", "target", "gold")
PAIRS = Shape({"source": "text", "target": "text"})
SENTENCES = Shape({"id": "name", "sentence": "text"})
GOLD = Shape({"source_id": "name", "target_id": "name"})


def sentences(
    unit: Unit, read: Read, mapping: dict, seed: int, faults: Faults
) -> Iterator[Sentence]:
    """Both sides of a unit. A limit counts gold pairs; for mining, sentences without a translation
    stay in proportion, so that the task keeps its difficulty.

    Raises:
        StudyError: a file or column is missing.
    """
    by_split = {part["split"]: part for part in unit.parts}
    if all(split in by_split for split in MINING):
        return _mined(unit, by_split, read, mapping, seed, faults)
    return _aligned(unit, read, mapping, seed, faults)


def _aligned(
    unit: Unit, read: Read, mapping: dict, seed: int, faults: Faults
) -> Iterator[Sentence]:
    def translation(row: dict) -> tuple[Sentence, Sentence]:
        source, target = f"source-{row['example_id']}", f"target-{row['example_id']}"
        return (
            Sentence(source, text(row, "source"), "source", target),
            Sentence(target, text(row, "target"), "target", ""),
        )

    loaded = []
    for part in unit.parts:
        own = part.get("columns", mapping)
        loaded.append(Rows(part, own, PAIRS, read, translation))
    for both in choose(unit, loaded, seed, faults):
        yield from both


def _mined(
    unit: Unit, parts: dict[str, dict], read: Read, mapping: dict, seed: int, faults: Faults
) -> Iterator[Sentence]:
    texts = {side: _texts(parts[side], read, mapping, faults) for side in ("source", "target")}
    every = _gold_pairs(parts["gold"], read, mapping, texts, faults)
    translated = {"source": set(every), "target": set(every.values())}
    gold = {source: target for source, target in every.items() if unit.takes(source)}
    if not gold:  # nothing to find, so nothing to measure: the language counts as empty
        return
    kept = _at_most(unit.limit, list(gold), seed)
    share = len(kept) / len(gold)
    wanted = {"source": set(kept), "target": {gold[source] for source in kept}}
    for side, heap in texts.items():
        single = [i for i in heap if i not in translated[side] and unit.takes(i)]
        wanted[side] |= set(_at_most(round(share * len(single)), single, seed))
        for identifier, sentence in heap.items():
            if identifier in wanted[side]:
                answer = gold.get(identifier, "") if side == "source" else ""
                yield Sentence(identifier, sentence, side, answer)


def _texts(part: dict, read: Read, mapping: dict, faults: Faults) -> dict[str, str]:
    own = part.get("columns", mapping)
    rows = Rows(part, own, SENTENCES, read, lambda row: (row["example_id"], text(row, "sentence")))
    return dict(choose(Unit(part["split"], part["language"], (part,), None), [rows], 0, faults))


def _gold_pairs(
    part: dict, read: Read, mapping: dict, texts: dict, faults: Faults
) -> dict[str, str]:
    own = {key: path for key, path in part.get("columns", mapping).items() if key != "id"}
    gold: dict[str, str] = {}
    targets: set[str] = set()
    rows = (row for table in stream(part, own, GOLD, read) for row in table.to_pylist())
    for row in rows:
        source, target = str(row["source_id"]), str(row["target_id"])
        if source not in texts["source"] or target not in texts["target"]:
            fault = "gold pair without its sentences"
        elif source in gold or target in targets:
            fault = "sentence with a second translation"
        else:
            gold[source] = target
            targets.add(target)
            continue
        where = f"row {row['row']} of {describe(part)}"
        faults.add(RowError(fault, f"{source} and {target}"), where)
    return gold


def _at_most(limit: int | None, ids: list[str], seed: int) -> list[str]:
    if limit is None or limit >= len(ids):
        return ids
    return [ids[index] for index in hash_order(seed, ids)[:limit]]
