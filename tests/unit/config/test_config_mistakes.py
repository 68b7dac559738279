"""Every mistake that a config can make is one sentence that names the place and the remedy."""

import json

import pytest

from helpers.hub_folder import changed
from xstilts.config.study_config import limits_of, multitask_settings, sheets_of, training_settings
from xstilts.config.study_config import read_config as read
from xstilts.core import StudyError
from xstilts.plan.task_kinds import check_heads

pytestmark = pytest.mark.odd_input


def encoder(**keys: object) -> dict[str, object]:
    """The keys of a config that have another encoder."""
    return {"encoder": {"name": "a", **keys}}


MISTAKES = {
    "unknown key": ({"langages": "all"}, "unknown key 'langages'; did you mean 'languages'?"),
    "unknown nested key": (
        {"tasks__mnli__training__epoch": 1}, "unknown key 'epoch' in 'tasks.mnli.training'; "
        "did you mean 'epochs'?",
    ),
    "no study": ({"study": ...}, "the key 'study' is missing"),
    "no encoder": ({"encoder": ...}, "the key 'encoder' is missing"),
    "no encoder name": ({"encoder__name": ...}, "key 'encoder': the key 'name' is missing"),
    "study with a blank": ({"study": "my study"}, "key 'study': 'my study' does not match"),
    "encoder with a slash": ({"encoder__name": "a/b"}, "key 'encoder.name': 'a/b' does not match"),
    "section left empty": ({"limits": None}, "key 'limits': None is not of type 'object'"),
    "learning rate in words": ({"training__learning_rate": "low"}, "'low' is not of type 'number'"),
    "learning rate called NaN": ({"training__learning_rate": "nan"}, "'nan' is not of type"),
    "learning rate below 0": ({"training__learning_rate": -1}, "less than or equal to the minimum"),
    "learning rate not a number": ({"training__learning_rate": float("nan")}, "write a finite one"),
    "endless epochs": ({"tasks__xnli__training__epochs": float("inf")}, "write a finite one"),
    "truth for a number": ({"training__epochs": True}, "True is not of type 'number'"),
    "misspelt choice": ({"training__head": "segmnts"}, "did you mean 'segments'?"),
    "misspelt sampling": ({"multitask__sampling": "caped"}, "did you mean 'capped'?"),
    "misspelt source": ({"source": "foldr"}, "did you mean 'folder'?"),
    "half a seed": ({"seeds": [1.5]}, "key 'seeds.0': 1.5 is not of type 'integer'"),
    "seed below 0": ({"seeds": [-1]}, "key 'seeds.0': -1 is less than the minimum of 0"),
    "seed too large": ({"seeds": [2**32]}, "4294967296 is greater than the maximum of 4294967295"),
    "data seed below 0": ({"data_seed": -1}, "key 'data_seed': -1 is less than the minimum of 0"),
    "misspelt precision": ({"precision": "bflot16"}, "did you mean 'bfloat16'?"),
    "seed twice": ({"seeds": [1, 1]}, "key 'seeds': [1, 1] has non-unique elements"),
    "no seed": ({"seeds": []}, "key 'seeds': [] should be non-empty"),
    "one seed without brackets": ({"seeds": 1}, "key 'seeds': 1 is not of type 'array'"),
    "predicted language unknown": (
        {"prediction__languages": ["swa"]}, "'swa' is not in resources/languages.tsv; did you mean",
    ),
    "certainty": ({"prediction__confidence": 1}, "greater than or equal to the maximum"),
    "deviation of runs without a source": (
        {"inference__run_sd": {"value": 1.0}}, "key 'inference.run_sd': the key 'source' is missing"
    ),
    "deviation of runs below 0": (
        {"inference__run_sd": {"value": -1, "source": "x"}}, "-1 is less than or equal to"
    ),
    "deviation of runs of another target": (
        {"inference__run_sd": {"value": {"xnil": 1.0}, "source": "x"}},
        "key 'inference.run_sd.value': 'xnil' is not in target_tasks; did you mean 'xnli'?",
    ),
    "no target": ({"target_tasks": []}, "key 'target_tasks': [] should be non-empty"),
    "misspelt intermediate": ({"intermediate_tasks": ["mnlii"]}, "did you mean 'mnli'?"),
    "misspelt target": ({"target_tasks": ["xnil"]}, "did you mean 'xnli'?"),
    "target as intermediate": ({"intermediate_tasks": ["xnli"]}, "'xnli' is no intermediate task"),
    "intermediate as target": ({"target_tasks": ["mnli"]}, "'mnli' is no target task"),
    "baseline as task": ({"intermediate_tasks": ["none"]}, "'none' is no intermediate task"),
    "settings of no task": ({"tasks__mnlii": {}}, "no task 'mnlii'; did you mean 'mnli'?"),
    "languages of an intermediate": ({"tasks__mnli__languages": ["en"]}, "mnli is no target task"),
    "multitask of one": ({"multitask__tasks": ["mnli"]}, "['mnli'] is too short"),
    "multitask beyond the rows": (
        {"intermediate_tasks": ["mnli", "qqp"], "multitask__tasks": ["mnli", "qqpp"]},
        "key 'multitask.tasks': 'qqpp' is not in intermediate_tasks; did you mean 'qqp'?",
    ),
    "folder without its place": ({"data_root": ...}, "add --config data_root=FOLDER"),
    "folder that is not there": ({"data_root": "/nowhere"}, "there is no folder '/nowhere'"),
    "Hub with a folder that is not there": (
        {"source": "hub", "data_root": "/nowhere"}, "holds what is not on the Hub",
    ),
    "mirror without a scheme": ({"hub_endpoint": "mirror.org"}, "key 'hub_endpoint': 'mirror.org'"),
    "encoder of the Hub without its name": (
        encoder(source="hub"), "(FacebookAI/xlm-roberta-large)",
    ),
    "encoder of the Hub without its owner": (
        encoder(source="hub", path="xlm-roberta-large"), "the model's owner and name",
    ),
    "shortened encoder of the Hub": (
        encoder(source="hub", path="o/m", layers=6), "leave the key out with `source: hub`",
    ),
    "encoder folder without its place": (encoder(source="folder"), "needs encoder.path"),
    "encoder folder that is not there": (
        encoder(source="folder", path="/nowhere"), "/nowhere/config.json is missing",
    ),
    "shortened folder encoder": (
        encoder(source="folder", path="/nowhere", layers=3),
        "only the demo encoder can be shortened",
    ),
    "more layers than there are": ({"encoder__layers": 13}, "the demo encoder has 12 layers"),
    "all layers frozen": ({"encoder__frozen_layers": 6}, "leaves nothing to train"),
    "all twelve layers frozen": (
        {"encoder__layers": None, "encoder__frozen_layers": 12}, "12 of 12 layers frozen",
    ),
    "frozen retrieval layer": ({"retrieval__layer": 3}, "layer 3 is frozen"),
    "retrieval layer too high": ({"retrieval__layer": 7}, "has 6 layers, and no layer 7"),
    "demo without sizes": ({"source": "demo", "limits__dev": None}, "needs limits.dev"),
    "demo task without size": (
        {"source": "demo", "tasks__mnli__limits__train": None}, "needs tasks.mnli.limits.train",
    ),
    "too few resamples": ({"intervals__resamples": 10}, "10 is less than the minimum of 100"),
    "no time between checkpoints": ({"checkpoint_seconds": 0}, "key 'checkpoint_seconds'"),
    "language without brackets": ({"languages": "sw"}, "key 'languages': 'sw'"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_sentence(base, root, mistake):
    edits, sentence = MISTAKES[mistake]
    with pytest.raises(StudyError) as caught:
        read(changed(base, **edits), root)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "config" in str(caught.value)


def test_least_config_gets_all_defaults(root):
    least = {
        "study": "a",
        "encoder": {"name": "b"},
        "limits": dict.fromkeys(("train", "dev", "test"), 9),
    }
    config = read(least, root)
    assert len(config["intermediate_tasks"]) == 9
    assert len(config["target_tasks"]) == 9
    assert config["multitask"]["sampling"] == "proportional"
    assert config["retrieval"] == {
        "layer": None,
        "pooling": "mean",
        "compared_sentences": 2000,
        "margin": "ratio",
        "neighbours": 4,
    }
    assert least["encoder"] == {"name": "b"}  # what was given stays as it was


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"num_hidden_layers": "4"}'])
def test_a_folder_encoder_says_how_many_layers_it_has(base, root, tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    encoder = {"name": "a", "source": "folder", "path": str(tmp_path), "frozen_layers": 0}
    with pytest.raises(StudyError, match="is missing or gives no num_hidden_layers"):
        read(changed(base, encoder=encoder), root)
    (tmp_path / "config.json").write_text('{"model_type": "mt5", "num_layers": 4}')
    read(changed(base, encoder=encoder), root)


def test_layers_of_some_encoders_cannot_be_frozen(base, root, tmp_path):
    settings = {"num_hidden_layers": 4, "model_type": "deberta-v2"}
    (tmp_path / "config.json").write_text(json.dumps(settings))
    encoder = {"name": "a", "source": "folder", "path": str(tmp_path), "frozen_layers": 2}
    with pytest.raises(StudyError, match="roberta, and this one is 'deberta-v2'; set it to 0"):
        read(changed(base, encoder=encoder), root)
    read(changed(base, encoder=encoder | {"frozen_layers": 0}), root)


def test_layers_of_a_folder_encoder_are_read_from_its_config(base, root, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"num_hidden_layers": 4}))
    encoder = {"name": "a", "source": "folder", "path": str(tmp_path), "frozen_layers": 4}
    with pytest.raises(StudyError, match="4 of 4 layers frozen"):
        read(changed(base, encoder=encoder), root)


def test_the_most_special_setting_wins(base, root):
    from xstilts.config.study_config import sheets_of

    sheets = sheets_of(root)
    edits = {
        "training__epochs": 2,
        "training__dropout": 0.3,
        "tasks__mnli__training__epochs": 5,
        "tasks__mnli__limits__train": 7,
        "multitask__training__dropout": 0,
    }
    config = read(changed(base, **edits), root)
    mnli, qqp = (training_settings(task, config, sheets) for task in ("mnli", "qqp"))
    assert (mnli["epochs"], mnli["dropout"], mnli["learning_rate"]) == (5, 0.3, 1e-5)
    assert (qqp["epochs"], qqp["dropout"]) == (2, 0.3)
    row = multitask_settings(config)
    assert (row["epochs"], row["dropout"]) == (1, 0)  # epochs of the row are its own
    assert limits_of("mnli", config) == {"train": 7, "dev": 20, "test": 10}
    assert limits_of("qqp", config) == {"train": 100, "dev": 20, "test": 10}


def test_config_and_sheets_know_the_same_training_settings():
    from xstilts.config.json_schema import json_schema
    from xstilts.config.schema.sheet import SheetTraining
    from xstilts.config.schema.training import Training
    from xstilts.kinds import kind_names, kind_of
    from xstilts.plan.recipes import TRAINING_KEYS

    of_kinds = {key for name in kind_names() for key in kind_of(name).data_settings}
    of_data = {"maximum_length", "rare_below", *of_kinds}
    mine, theirs = (json_schema(kind)["properties"] for kind in (Training, SheetTraining))
    assert set(mine) == set(theirs) == {*TRAINING_KEYS, *of_data}

    def types(part: dict) -> list[str]:
        return [part["type"]] if isinstance(part["type"], str) else part["type"]

    for key, part in mine.items():
        rules = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        assert [part.get(rule) for rule in rules] == [theirs[key].get(rule) for rule in rules], key
        if "enum" in part:
            assert set(part["enum"]) == set(theirs[key]["enum"])
        else:
            # The config may allow less than a sheet, never more.
            assert {*types(part)} <= {*types(theirs[key])}, key


def test_every_key_has_a_description_and_every_optional_key_a_default():
    from xstilts.config.json_schema import json_schema
    from xstilts.config.schema.study import Study

    schema = json_schema(Study)
    for key, part in schema["properties"].items():
        assert "default" in part or key in schema["required"], key
    for section in [schema, *schema["$defs"].values()]:
        assert section["description"]
        for key, part in section["properties"].items():
            assert part.get("description") or "$ref" in part, key


def test_decoders_are_not_read_at_their_first_token(base, root, tmp_path):
    sheets = sheets_of(root)

    def check(**edits):
        check_heads(read(changed(base, **edits), root), sheets)

    path = tmp_path / "config.json"
    path.write_text(json.dumps({"num_hidden_layers": 4, "model_type": "llama"}))
    encoder = {"name": "a", "source": "folder", "path": str(tmp_path), "frozen_layers": 0}
    heads = {"encoder": encoder, "training__head": "mean"}
    for edits, key in (
        ({"training__head": "first"}, r"training\.head"),
        ({"tasks__xnli__training__head": "first", "tasks__mnli__training__head": "first"}, "mnli"),
        ({"retrieval__pooling": "first"}, r"retrieval\.pooling"),
    ):
        with pytest.raises(StudyError, match=f"{key}.*'llama' reads from left to right"):
            check(**heads | edits)
    check(**heads)
    check(**heads, tasks__ner__training__head="first")  # NER reads every token
    for settings in (
        {"model_type": "bert"},
        {"model_type": "gemma3_text", "use_bidirectional_attention": True},
    ):
        path.write_text(json.dumps({"num_hidden_layers": 4} | settings))
        check(**heads | {"training__head": "first"})
