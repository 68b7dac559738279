"""Training sets in other languages than English: rows, columns, names, what is told."""

import json
import shutil

import pandas as pd
import pytest

from xstilts.config.source_languages import _in_language
from xstilts.core import StudyError
from xstilts.inference.dyads import by_seed
from xstilts.plan.grid import Study

FILES = (
    "google__xtreme/PAN-X.de/train", "google__xtreme/PAN-X.de/validation",
    "masakhane__masakhaner2/swa/train", "masakhane__masakhaner2/swa/validation",
    "facebook__xnli/de/train", "facebook__xnli/de/validation",
)  # fmt: skip
TARGETS = ["ner", "masakhaner", "xnli", "tatoeba"]


@pytest.fixture
def sources(base, data_root, root, tmp_path, monkeypatch):
    """`sources(intermediate=[...], target=[...])`: a study with German and Swahili sets beside."""
    folder = tmp_path / "hub"
    shutil.copytree(data_root, folder)
    for name in FILES:
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PAR1" + name.encode() + b"PAR1")
    monkeypatch.chdir(tmp_path)

    def make(**languages):
        config = base | {"data_root": str(folder), "intermediate_tasks": ["mnli", "qqp"],
                         "target_tasks": TARGETS}  # fmt: skip
        return Study(config | ({"source_languages": languages} if languages else {}), root)

    return make


def names(study):
    return sorted(name for runs in study.runs.values() for name in runs)


def test_english_is_the_default_and_renames_nothing(sources):
    assert names(sources()) == names(sources(intermediate=["en"], target=["en"]))
    assert sources().rows == ["none", "mnli", "qqp", "multitask"]


def test_english_runs_keep_their_names_beside_others(sources):
    assert set(names(sources())) < set(names(sources(intermediate=["en", "de"], target=["en"])))


def test_a_row_in_german(sources):
    study = sources(intermediate=["en", "de"])
    assert study.rows == ["none", "mnli", "qqp", "multitask", "mnli@de"]
    run = study.intermediate("mnli@de", 1)
    assert run.name.startswith("mnli@de-seed1-")
    recipe = study.data("mnli@de").recipe
    assert {(p["dataset"], p["config"], p["language"]) for p in recipe["splits"]["train"]} == {
        ("facebook/xnli", "de", "de")
    }
    assert [part["language"] for part in recipe["splits"]["dev"]] == ["de"]
    (told,) = [one for one in study.problems if "source_languages" in one]
    assert told == (
        "source_languages.intermediate: there is no training set in de of qqp; name one under "
        "splits.source_train of the sheet, or leave the language out."
    )


def test_columns_from_german(sources):
    study = sources(target=["en", "de"])
    assert study.target_tasks == [*TARGETS[:3], "ner@de", "masakhaner@de", "xnli@de", "tatoeba"]
    # One fine-tune on German PAN-X serves both, as on English.
    assert study.target_groups == [
        ["masakhaner", "ner"], ["xnli"], ["masakhaner@de", "ner@de"], ["xnli@de"], ["tatoeba"],
    ]  # fmt: skip
    (task,) = study.target("none", ["masakhaner@de", "ner@de"], 1).recipe["tasks"]
    assert task["data"] == study.data("ner@de").digest
    assert study.languages["ner@de"] == study.languages["ner"]
    # MNLI in English is no data that German XNLI is trained on, in German it is.
    assert study.contains_training_set("mnli", "xnli")
    assert not study.contains_training_set("mnli", "xnli@de")


def test_a_target_with_its_own_training_set_in_a_language_takes_that(sources):
    study = sources(target=["sw"])
    assert study.sheets["masakhaner@sw"]["training_set"] == "masakhaner@sw"
    (part,) = study.data("masakhaner@sw").recipe["splits"]["train"]
    assert (part["dataset"], part["config"]) == ("masakhane/masakhaner2", "swa")
    assert study.target_tasks == ["masakhaner@sw", "tatoeba"]
    told = " ".join(study.problems)
    # PAN-X has Swahili, and its files are not there; MNLI's translations neither.
    assert "ner@sw is left out: put google__xtreme/PAN-X.sw/train.parquet" in told


def test_similarity_is_that_of_the_task_in_english(sources):
    study = sources(intermediate=["en", "de"], target=["en", "de"])
    plan = study.embeddings.plan()
    assert plan["targets"]["ner@de"]["text"] == "ner"
    assert list(plan["intermediates"]) == ["mnli", "qqp"]
    assert set(plan["embeddings"]) >= {"ner", "ner@de", "xnli"}
    assert study.embeddings.embedded["ner@de"].recipe["text"]["examples"] == 0
    json.dumps(study.table_of_cells())


def test_targets_from_several_languages_are_one_member_of_their_family(sources):
    sets = sources(target=["en", "de"]).training_sets
    assert sets["ner"] == sets["ner@de"] == sets["masakhaner@de"] == "ner"
    assert sets["tatoeba"] is None


def test_the_language_of_the_training_set_is_no_transfer():
    rows = [("qqp", "ner@de", "de"), ("qqp", "ner@de", "fr"), ("qqp", "ner", "de"),
            ("mnli@de", "ner", "fr")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["intermediate", "target", "language"])
    table = table.assign(seed=1, gain=1.0, score=50.0, same_data=False)
    kept = by_seed(table)[["target", "language"]].itertuples(index=False)
    assert [tuple(one) for one in kept] == [("ner", "de"), ("ner@de", "fr")]


@pytest.mark.parametrize(
    ("languages", "sentence"),
    [
        (
            {"target": ["zhh"]},
            "config, key 'source_languages.target': none of the target tasks has a training set in "
            "'zhh'; did you mean 'zh'?",
        ),
        ({"target": []}, "config, key 'source_languages.target': [] should be non-empty"),
        ({"targets": ["de"]}, "did you mean 'target'?"),
        ({"target": ["German"]}, "'German' does not match"),
    ],
)
def test_mistakes_are_one_sentence(sources, languages, sentence):
    with pytest.raises(StudyError) as error:
        sources(**languages)
    assert sentence in str(error.value) and "\n" not in str(error.value)


def test_a_training_set_is_kept_apart_from_test_sets_in_its_own_language(sources):
    study = sources(intermediate=["en", "de"], target=["en", "de"])
    apart = {name: study.sheets[name]["apart_from"] for name in ("pos", "pos@de")}
    assert apart == {"pos": {"pos": ["en"]}, "pos@de": {"pos": ["de"]}}
    # Every language of a test set is every language still.
    sheet = study.sheets["semtags"] | {"name": "semtags"}
    made = _in_language(sheet, "de", "semtags")
    assert made["apart_from"] == {"tatoeba": "all"}


def test_training_sets_in_other_languages_are_compared_with_all_test_sets(sources):
    compared = sources(intermediate=["en", "de"], target=["en", "de"]).compared_texts()
    assert {"mnli", "mnli@de", "ner", "ner@de", "qqp"} <= set(compared["training"])
    assert set(compared["tests"]) >= {"ner", "ner@de", "masakhaner@de", "tatoeba"}
