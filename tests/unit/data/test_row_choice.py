"""Rows read a batch at a time against all rows in memory at once."""

import hashlib
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.toy_data import Hub, part, recipe
from xstilts.core.draws import hash_rank
from xstilts.data import sources
from xstilts.data.pairing import SENTENCES
from xstilts.data.row_choice import Rows
from xstilts.data.row_faults import Faults, RowError
from xstilts.data.split_rows import Unit, choose
from xstilts.data.split_sizes import apportion
from xstilts.preparation.prepare import prepare_task
from xstilts.sources.methods import parquet

MAPPING = {"id": "id", "sentence": "sentence"}


def use(row):
    if row["sentence"] == "bad":
        raise RowError("bad row")
    return row["example_id"], row["sentence"]


def by_the_book(parts, limit):
    """Each part in the order of the hashes until its share is full; then in file order."""
    sizes = [len(rows) for rows in parts]
    quotas = apportion(limit, sizes) if limit is not None and limit < sum(sizes) else None
    chosen, seen, faults = [], set(), 0
    for number, rows in enumerate(parts):
        prefix = f"n{number}-" if len(parts) > 1 else ""
        order = range(len(rows))
        if quotas:
            order = sorted(order, key=lambda i: hash_rank(1, prefix + rows[i][0]))
        taken = []
        for i in order:
            if quotas and len(taken) == quotas[number]:
                break
            one = prefix + rows[i][0]
            if rows[i][1] == "bad" or one in seen:
                faults += 1
                continue
            seen.add(one)
            taken.append((i, (one, rows[i][1])))
        chosen += [example for _, example in sorted(taken)]
    return chosen, faults


ROW = st.tuples(st.sampled_from("abcdefghijklm"), st.sampled_from(["bad", "x", "y", "z"]))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(ROW, min_size=1, max_size=14), min_size=1, max_size=3),
    st.none() | st.integers(1, 20),
    st.integers(1, 5),
)
def test_same_rows_as_by_the_book(tmp_path_factory, parts, limit, rows_at_a_time):
    hub = Hub(tmp_path_factory.mktemp("visit") / "hub")
    for number, rows in enumerate(parts):
        ids, texts = zip(*rows, strict=True)
        hub.add(f"o/n{number}", "c", "train", {"id": list(ids), "sentence": list(texts)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "ROWS", rows_at_a_time)
        read = partial(sources.batches, {"name": "folder", "root": hub.root})
        wanted = tuple(part(dataset=f"o/n{number}") for number in range(len(parts)))
        loaded = [Rows(one, MAPPING, SENTENCES, read, use) for one in wanted]
        faults = Faults("t")
        found = list(choose(Unit("train", "en", wanted, limit), loaded, 1, faults))
    expected, count = by_the_book(parts, limit)
    assert found == expected
    assert sum(faults.counts.values()) == count


@pytest.mark.parametrize("limit", [None, 300])
def test_the_bytes_do_not_depend_on_how_many_rows_are_read_at_a_time(
    hub, tokenizer_file, tmp_path, monkeypatch, limit
):
    columns = {
        "id": [str(i % 997) for i in range(1200)],
        "tokens": [["the", "an", str(i)] for i in range(1200)],
        "tags": [["D", "N", "ABC"[i % 3]] for i in range(1200)],
    }
    hub.add("o/n", "c", "train", columns)
    made = recipe(
        "tagging", {"id": "id", "tokens": "tokens", "tags": "tags"}, train=[part()],
        labels="from_data", limits={"train": limit},
    )  # fmt: skip
    sums, receipts = [], []
    for rows in (1000, 7, 5000):
        monkeypatch.setattr(parquet, "ROWS", rows)
        receipts.append(
            prepare_task(made, tokenizer_file, tmp_path / str(rows), hub.root, dropped_share=1)
        )
        data = (tmp_path / str(rows) / "train.arrow").read_bytes()
        sums.append(hashlib.sha256(data).hexdigest())
    assert len(set(sums)) == 1 and receipts[0] == receipts[1] == receipts[2]
    assert receipts[0]["rows"]["train"]["en"] == (limit or 997)


def test_only_the_columns_that_are_needed_are_read(hub):
    struct = [{"text": ["x"], "answer_start": [0]}] * 3
    hub.add("o/n", "c", "train", {"id": ["1", "2", "3"], "long": ["l"] * 3, "answers": struct})
    read = partial(sources.batches, {"name": "folder", "root": hub.root}, part())
    assert [table.column_names for table in read(["id", "answers.text"])][-1] == ["id", "answers"]
    # A message about a column that is missing names those that are there.
    assert next(read(["id", "lnog"])).column_names == ["id", "long", "answers"]


def test_a_file_without_rows_still_has_its_columns_checked(hub):
    import pyarrow as pa

    hub.add("o/n", "c", "train", pa.schema([("a", pa.int64())]).empty_table())
    tables = list(sources.batches({"name": "folder", "root": hub.root}, part()))
    assert [(table.num_rows, table.column_names) for table in tables] == [(0, ["a"])]
