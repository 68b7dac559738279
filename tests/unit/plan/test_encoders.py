"""A study of several encoders: the grid of each, and what commands ask of all of them."""

from pathlib import Path

import pytest

from helpers.hub_folder import changed, whole_grid
from xstilts.commands.explain import study_of_encoder
from xstilts.config.encoders import config_of_encoder, configs_by_encoder, validated
from xstilts.core.errors import StudyError
from xstilts.plan.encoders import EncoderStudies, read_study
from xstilts.plan.grid import Study

TWO = [
    {"name": "two-layers", "source": "demo", "layers": 2, "frozen_layers": 1},
    {"name": "three-layers", "source": "demo", "layers": 3, "frozen_layers": 1},
]
FEW = {"intermediate_tasks": ["qqp", "mnli"], "target_tasks": ["xnli", "xquad"]}


@pytest.fixture
def config(data_root):
    """`config(encoders, a__b=value, ...)`: a study of these encoders."""

    def made(encoders, **edits):
        raw = changed(whole_grid(data_root), **FEW, encoder=..., **edits)
        return raw | {"encoders": encoders}

    return made


@pytest.fixture
def two(config, root, tmp_path, monkeypatch) -> EncoderStudies:
    """The study of both encoders."""
    monkeypatch.chdir(tmp_path)
    return read_study(config(TWO), root)


def test_each_encoder_has_the_runs_that_it_has_alone(two, config, root):
    for encoder in TWO:
        raw = config([encoder])
        alone = read_study(raw, root)
        assert isinstance(alone, Study)
        assert alone.tables == Path("results/studies") / alone.config["study"]
        own = two.by_encoder[encoder["name"]]
        assert own.tables == alone.tables / encoder["name"]
        assert {s: list(r) for s, r in own.runs.items()} == {
            s: list(r) for s, r in alone.runs.items()
        }
        assert own.text_of_cells == alone.text_of_cells
        assert own.config == alone.config


def test_runs_are_those_of_both_and_shared_ones_stand_once(two):
    own = [study.runs for study in two.by_encoder.values()]
    for stage, runs in two.runs.items():
        assert set(runs) == set(own[0][stage]) | set(own[1][stage])
    # The demo's tokenizer is the same for any number of layers, and so are the prepared data.
    assert set(own[0]["data"]) == set(own[1]["data"])
    assert not set(own[0]["target"]) & set(own[1]["target"])
    assert len(two.cells) == 2 * len(two.by_encoder["two-layers"].cells)
    assert two.tables == two.by_encoder["two-layers"].tables.parent
    assert two.rows == two.by_encoder["two-layers"].rows
    assert set(two.runs["encoder"]) == {study.encoder.name for study in two.by_encoder.values()}


def test_a_job_is_told_the_choice_of_its_own_encoder(config, root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settled = {"two-layers": {"xnli": "xnli-0123456789ab"}}
    study = read_study(config(TWO), root, settled)
    wider = [own.prepared.wider.settled for own in study.by_encoder.values()]
    assert wider == [{"xnli": "xnli-0123456789ab"}, {}]


def test_what_is_so_of_one_encoder_alone_names_it(config, root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    unknown = [TWO[0], {**TWO[1], "languages": None}]
    problems = read_study(config(unknown), root).problems
    (own,) = [line for line in problems if line.startswith("three-layers: ")]
    assert "It is not known which languages three-layers was pretrained on" in own
    assert not [line for line in problems if line.startswith("two-layers: ")]
    both = read_study(config([{**one, "languages": "mbert"} for one in TWO]), root).problems
    assert not [line for line in both if line.startswith(("two-layers", "three-layers"))]


MISTAKES = {
    "two of one name": (
        [TWO[0], {**TWO[1], "name": "Two-layers"}],
        "config, key 'encoders.1.name': two encoders are called 'Two-layers'; give each a name of "
        "its own.",
    ),
    "a folder's name": (
        [TWO[0], {**TWO[1], "name": "tables"}],
        "config, key 'encoders.1.name': 'tables' is the name of a folder of the study itself; "
        "choose another.",
    ),
    "the same twice": (
        [TWO[0], {**TWO[0], "name": "again"}],
        "config, key 'encoders.1': 'again' is the same encoder as 'two-layers', with as many "
        "frozen layers, and would tell nothing of its own; take one of them out.",
    ),
    "too many frozen": (
        [TWO[0], {**TWO[1], "frozen_layers": 3}],
        "config, key 'encoders.1.frozen_layers': 3 of 3 layers frozen leaves nothing to train; "
        "freeze fewer.",
    ),
    "no such list of languages": (
        [TWO[0], {**TWO[1], "languages": "xlmr"}],
        "config, key 'encoders.1.languages': there is no list 'xlmr' in resources/pretraining, and "
        "no such file; did you mean 'xlm-r'?",
    ),
    "no folder": (
        [TWO[0], {"name": "mine", "source": "folder"}],
        "config: encoder `source: folder` needs encoders.1.path, a folder of weights.",
    ),
    "no name": ([TWO[0], {"layers": 2}], "config, key 'encoders.1': the key 'name' is missing"),
    "a misspelt key": (
        [TWO[0], {"name": "b", "layer": 2}],
        "config: unknown key 'layer' in 'encoders.1'; did you mean 'layers'?",
    ),
    "no list": ({"name": "a"}, "config, key 'encoders': {'name': 'a'} is not of type 'array'"),
}


@pytest.mark.parametrize(("encoders", "sentence"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_one_sentence(config, root, tmp_path, monkeypatch, encoders, sentence):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError) as error:
        read_study(config(encoders), root)
    assert str(error.value).startswith(sentence)


def test_one_encoder_or_several_and_not_both(data_root, root):
    raw = whole_grid(data_root) | {"encoders": TWO}
    with pytest.raises(StudyError, match="both `encoder` and `encoders` are given"):
        read_study(raw, root)
    with pytest.raises(StudyError, match="the key 'encoder' is missing"):
        read_study(changed(whole_grid(data_root), encoder=...) | {"encoders": []}, root)


def test_only_the_first_is_asked_for_what_all_have_in_common(config, root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyError) as error:
        read_study(config(TWO, retrieval__layer=3), root)
    assert str(error.value).startswith("config, key 'retrieval.layer': the encoder has 2 layers")
    with pytest.raises(StudyError) as error:
        read_study(config(TWO[::-1], retrieval__layer=3), root)
    assert str(error.value).startswith("with the encoder 'two-layers': config, key 'retrieval")


def test_configs_of_single_encoders(config):
    raw = config(TWO)
    configs = configs_by_encoder(validated(raw))
    assert list(configs) == ["two-layers", "three-layers"]
    for encoder in TWO:
        assert configs[encoder["name"]]["encoder"]["layers"] == encoder["layers"]
        assert config_of_encoder(raw, encoder["name"])["encoder"] == encoder
        assert "encoders" not in config_of_encoder(raw, encoder["name"])


def test_the_encoder_of_a_cell_must_be_named(two):
    assert study_of_encoder(two, "three-layers") is two.by_encoder["three-layers"]
    assert study_of_encoder(two.by_encoder["two-layers"], None) is two.by_encoder["two-layers"]
    with pytest.raises(StudyError, match="say which with --encoder: two-layers, three-layers"):
        study_of_encoder(two, None)
    with pytest.raises(StudyError, match="--encoder two-layer: no such encoder; did you mean"):
        study_of_encoder(two, "two-layer")
