"""A tiny study of training sets in English and German, really run, with texts that they share."""

import random

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.study_folder import StudyFolder

WORDS = {
    "English": ["house", "river", "market", "teacher", "village", "winter", "garden", "letter"],
    "German": ["Haus", "Fluss", "Markt", "Lehrerin", "Dorf", "Winter", "Garten", "Brief"],
}
CODES = {"en": "English", "de": "German"}
SIZES = {"train": 24, "validation": 12, "test": 12}
SHARED = 5


def sentences(language: str, split: str) -> list[list[str]]:
    draw = random.Random(f"{language} {split}")
    return [[draw.choice(WORDS[language]) for _ in range(7)] for _ in range(SIZES[split])]


def write_treebanks(folder) -> None:
    """Tokens and tags; the German training set begins with sentences of the German test set."""
    for language in WORDS:
        made = {split: sentences(language, split) for split in SIZES}
        if language == "German":
            made["train"][:SHARED] = made["test"][:SHARED]
        for split, rows in made.items():
            tags = [["NOUN" if word[0] in "hHmMgG" else "PROPN" for word in row] for row in rows]
            file = folder / "google__xtreme" / f"udpos.{language}" / f"{split}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(pa.table({"tokens": rows, "pos_tags": tags}), file)


@pytest.fixture(scope="module")
def tables(root, tmp_path_factory):
    place = tmp_path_factory.mktemp("sources")
    write_treebanks(place / "hub")
    config = {
        "study": "sources",
        "source": "folder",
        "data_root": str(place / "hub"),
        "encoder": {"name": "small", "layers": 1},
        "languages": ["en", "de"],
        "intermediate_tasks": [],
        "target_tasks": ["pos"],
        "source_languages": {"target": ["en", "de"]},
        "multitask": {"enabled": False},
        "training": {"epochs": 1, "batch_examples": 8, "evaluations": 1},
    }
    study = StudyFolder(root, place, config)
    wanted = [f"results/studies/sources/{name}" for name in ("scores.parquet", "contamination.tsv")]
    study.snakemake("--", *wanted)
    return study.tables


def test_both_columns_are_scored_in_both_languages(tables):
    scores = pd.read_parquet(tables / "scores.parquet")
    primary = scores[scores["primary"]]
    assert set(zip(primary["target"], primary["language"], strict=True)) == {
        (target, language) for target in ("pos", "pos@de") for language in CODES
    }


def test_a_set_in_german_is_kept_apart_from_german_tests_and_told(tables):
    table = pd.read_csv(tables / "contamination.tsv", sep="\t").set_index(
        ["training_set", "target"]
    )
    assert set(table.index) == {(a, b) for a in ("pos", "pos@de") for b in ("pos", "pos@de")}
    german = table.loc["pos@de"]
    assert (german["dropped"] == SHARED).all()
    assert (german["left_normalised"] == 0).all()
    assert german["named"].all()
    assert (german["training_examples"] == SIZES["train"] - SHARED).all()
    assert (table.loc["pos", "dropped"] == 0).all()
