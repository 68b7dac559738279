"""Every task sheet on real samples of its data set, with a tiny tokenizer."""

from functools import cache
from pathlib import Path

import pyarrow.compute as pc
import pytest
import yaml

from xstilts.core.shards import locate
from xstilts.data.store import open_split
from xstilts.kinds import kind_of
from xstilts.plan.data_files import parts_of
from xstilts.preparation.prepare import prepare_task

SHEETS = sorted((Path(__file__).parents[3] / "resources" / "tasks").glob("*.yaml"))
LIMITS = {"train": 40, "dev": 20, "test": 10}


@cache
def sheet_of(name):
    file = next(file for file in SHEETS if file.stem == name)
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def is_there(root, parts):
    return all(locate(root, part["dataset"], part["config"], part["split"]) for part in parts)


@pytest.fixture(scope="module")
def prepared(samples, tokenizer_file, tmp_path_factory):
    @cache
    def run(name):
        sheet = sheet_of(name)
        test = [parts_of(sheet, "test", language) for language in sheet["languages"]]
        recipe = {
            "task": name,
            "kind": sheet["kind"],
            "labels": sheet["labels"],
            "source": {"name": "folder"},
            "columns": sheet["columns"],
            "held_out": sheet["held_out"],
            "label_respellings": sheet.get("label_respellings", {}),
            "merged_labels": sheet.get("merged_labels", {}),
            "splits": {
                "train": parts_of(sheet, "train", "en"),
                "dev": parts_of(sheet, "dev", "en"),
                "test": [part for parts in test if is_there(samples, parts) for part in parts],
            },
            "limits": LIMITS,
            "sampling_seed": 1,
            "maximum_length": 128,
            "document_stride": 64,
        }
        folder = tmp_path_factory.mktemp(name)
        receipt = prepare_task(recipe, tokenizer_file, folder, samples)
        return receipt, {one: open_split(folder / f"{one}.arrow") for one in LIMITS}

    return run


@pytest.mark.parametrize("name", [file.stem for file in SHEETS])
def test_task_prepares(prepared, name):
    receipt, splits = prepared(name)
    sheet = sheet_of(name)
    if sheet["splits"]["train"]:
        assert (receipt["rows"]["train"], receipt["rows"]["dev"]) == ({"en": 40}, {"en": 20})
    for split, made in splits.items():
        assert made.table.schema.equals(kind_of(sheet["kind"]).prepared_columns())
        assert made.table.num_rows == sum(receipt["rows"][split].values())
        assert len(made.tokens) == receipt["tokens"][split]
        assert (made.offsets[1:] - made.offsets[:-1] <= 128).all()
        ids = list(
            zip(*(made.table[one].to_pylist() for one in ("language", "example_id")), strict=True)
        )
        assert len(set(ids)) == len(ids)
    assert receipt["dropped"] == {}


def rows(prepared, name, language, column, split="test"):
    table = prepared(name)[1][split].table
    return table.filter(pc.equal(table["language"], language))[column].to_pylist()


@pytest.mark.parametrize(("name", "languages"), [("xnli", 15), ("pawsx", 7), ("xquad", 11)])
def test_parallel_test_sets_keep_the_same_items(prepared, name, languages):
    found = prepared(name)[0]["rows"]["test"]
    assert list(found.values()) == [10] * languages
    ids = {tuple(rows(prepared, name, language, "example_id")) for language in found}
    assert len(ids) == 1


def test_labels_of_xnli_agree_across_languages(prepared):
    assert len({tuple(rows(prepared, "xnli", one, "label")) for one in ("en", "sw", "zh")}) == 1


@pytest.mark.parametrize(
    ("name", "split"),
    [("squad_v1", "train"), ("tydiqa", "train"), ("xquad", "test"), ("mlqa", "test")],
)
def test_gold_windows_hold_the_published_answer(prepared, name, split):
    table = prepared(name)[1][split].table
    placed = whole = 0
    for row in table.to_pylist():
        columns = ("first", "last", "context_first", "char_start", "char_end")
        found = [
            row["context"][starts[first - begin] : ends[last - begin]]
            for first, last, begin, starts, ends in zip(*(row[one] for one in columns), strict=True)
            if first
        ]
        # Letters outside the tiny vocabulary run together into one unknown token.
        assert all(row["answers"][0].strip() in one for one in found)
        placed += bool(found)
        whole += row["answers"][0].strip() in found
    assert placed >= 0.8 * table.num_rows  # with a token per letter some answers fill no window
    assert whole >= (0.9 if split == "train" else 0.2) * placed


def test_squad_v2_keeps_questions_without_an_answer(prepared):
    counts = [len(one) for one in rows(prepared, "squad_v2", "en", "answers", "train")]
    assert 5 < counts.count(0) < 35


def test_tydiqa_reads_languages_off_the_id_and_holds_out_dev(prepared):
    found = prepared("tydiqa")[0]["rows"]["test"]
    assert {one for one, count in found.items() if count} == {"en", "ko", "sw"}
    assert all(one.startswith("swahili-") for one in rows(prepared, "tydiqa", "sw", "example_id"))
    train, dev = (
        set(rows(prepared, "tydiqa", "en", "example_id", one)) for one in ("train", "dev")
    )
    assert not train & dev


def test_bucc_keeps_its_distractors(prepared):
    gold = [one for one in rows(prepared, "bucc", "zh", "gold") if one]
    sides = rows(prepared, "bucc", "zh", "side")
    assert len(gold) == 10
    assert 80 < sides.count("source") < 140 and 80 < sides.count("target") < 140


def test_tatoeba_has_its_thirty_six_languages(prepared):
    assert list(prepared("tatoeba")[0]["rows"]["test"].values()) == [20] * 36
