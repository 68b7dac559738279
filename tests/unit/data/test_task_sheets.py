import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from helpers.real_tasks import FURTHER

ROOT = Path(__file__).parents[3]
SHEETS = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "resources" / "tasks").glob("*.yaml"))
}
SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/task.schema.yaml").read_text(encoding="utf-8"))
INTERMEDIATE = {
    "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg", "cosmosqa", "commonsenseqa",
}  # fmt: skip
# Languages per target as the XTREME paper's table counts them (Tatoeba: as its evaluate.py lists).
LANGUAGES = {
    "xnli": 15, "pawsx": 7, "pos": 33, "ner": 40, "xquad": 11, "mlqa": 7, "tydiqa": 9,
    "bucc": 4, "tatoeba": 36,
}  # fmt: skip
# Of the low-resource targets: as their papers count them (SIB-200: pairs of language and script).
LOW_RESOURCE = {"sib200": 205, "masakhaner": 20, "masakhapos": 20, "americasnli": 10, "xcopa": 11}
TARGETS = LANGUAGES | LOW_RESOURCE


def test_the_tasks_of_the_paper_and_the_further_ones_are_there():
    assert sorted(SHEETS) == sorted([*INTERMEDIATE, *FURTHER, *TARGETS])


@pytest.mark.parametrize("name", SHEETS)
def test_sheet_follows_the_schema(name):
    jsonschema.Draft202012Validator(SCHEMA).validate(SHEETS[name])
    assert SHEETS[name]["name"] == name
    assert SHEETS[name]["roles"] == (["target"] if name in TARGETS else ["intermediate"])


@pytest.mark.parametrize(("name", "count"), TARGETS.items())
def test_targets_have_the_published_number_of_languages(name, count):
    assert len(SHEETS[name]["languages"]) == count


@pytest.mark.parametrize("name", SHEETS)
def test_named_tasks_exist_and_split_templates_fill(name):
    sheet = SHEETS[name]
    assert sheet["training_set"] in {None, *SHEETS}
    assert set(sheet["overlaps"]) <= set(SHEETS)
    for part in (part for parts in sheet["splits"].values() for part in parts):
        for value in (value for value in part.values() if isinstance(value, str)):
            assert "{" not in value.format(language="en", code="english")


def test_xquad_and_mlqa_share_their_settings_as_one_fine_tune_serves_both():
    assert SHEETS["xquad"]["training"] == SHEETS["mlqa"]["training"]
    assert SHEETS["xquad"]["training_set"] == SHEETS["mlqa"]["training_set"] == "squad_v1"


@pytest.mark.parametrize(
    ("target", "other"), [("americasnli", "xnli"), ("masakhaner", "ner"), ("masakhapos", "pos")]
)
def test_a_target_that_shares_a_training_set_shares_its_settings(target, other):
    for key in ("training", "training_set", "kind", "labels"):
        assert SHEETS[target][key] == SHEETS[other][key]


@pytest.mark.parametrize(
    ("task", "column"),
    [
        ("mnli", "label"),
        ("qqp", "label"),
        ("xnli", "label"),
        ("pos", "pos_tags"),
        ("ner", "ner_tags"),
    ],
)
def test_labels_stand_in_the_order_of_the_published_integers(samples, task, column):
    import pyarrow.parquet as pq

    from xstilts.core.shards import locate

    sheet = SHEETS[task]
    part = (sheet["splits"]["train"] or sheet["splits"]["test"])[0]
    config = part["config"].format(language="en", code="en")
    file = locate(samples, part["dataset"], config, part["split"])[0]
    features = json.loads(pq.read_schema(file).metadata[b"huggingface"])["info"]["features"]
    feature = features[column]
    assert sheet["labels"] == feature.get("feature", feature)["names"]


def test_every_sample_config_of_a_target_is_reached_by_a_language(samples):
    for task, stem in (("pos", "udpos."), ("ner", "PAN-X."), ("tatoeba", "tatoeba.")):
        present = {path.name for path in (samples / "google__xtreme").glob(f"{stem}*")}
        assert present <= {stem + code for code in codes_of(task)}
    for task in LOW_RESOURCE:
        (part,) = SHEETS[task]["splits"]["test"]
        folder = samples / part["dataset"].replace("/", "__")
        assert {path.name for path in folder.iterdir()} <= set(codes_of(task))


def codes_of(task):
    """The data set's own names of the languages of a task, each of which there is once."""
    sheet = SHEETS[task]
    codes = [sheet["language_codes"].get(one, one) for one in sheet["languages"]]
    assert len(set(codes)) == len(codes)
    return codes


def test_one_language_has_one_name_in_all_sheets():
    """Swahili is swh_Latn, swa and sw; Quechua of Ayacucho is no Quechua of Cusco."""
    assert "sw" in set.intersection(
        *(
            set(SHEETS[one]["languages"])
            for one in TARGETS
            if one in ("sib200", "masakhaner", "xcopa", "ner", "xnli")
        )
    )
    for code in ("ay", "gn", "quy"):
        assert code in SHEETS["americasnli"]["languages"] and code in SHEETS["sib200"]["languages"]
    assert "qu" in SHEETS["xcopa"]["languages"] and "qu" not in SHEETS["sib200"]["languages"]
    assert set(SHEETS["masakhaner"]["languages"]) == set(SHEETS["masakhapos"]["languages"])


def _keys_without_description(schema, path=""):
    for name, value in schema.get("properties", {}).items():
        if "description" not in value and "$ref" not in value:
            yield f"{path}.{name}"
        yield from _keys_without_description(value, f"{path}.{name}")
        for branch in value.get("oneOf", []):
            yield from _keys_without_description(branch, f"{path}.{name}")


def test_every_key_of_the_schema_is_described_and_closed():
    places = [("", SCHEMA), *SCHEMA["$defs"].items()]
    assert [key for place, one in places for key in _keys_without_description(one, place)] == []

    def objects(node):
        if isinstance(node, dict):
            if node.get("type") == "object":
                yield node
            for value in node.values():
                yield from objects(value)

    assert all("additionalProperties" in one for one in objects(SCHEMA))
