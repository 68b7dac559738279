"""Task sheets are read with defaults; a broken one is named with its mistake."""

from pathlib import Path

import pytest
import yaml

from xstilts.config.sheets import data_sets, read_sheets, task_of
from xstilts.config.study_config import sheets_of
from xstilts.core import StudyError


@pytest.fixture
def folder(tmp_path: Path, root: Path):
    """`folder(task__key=value, ...)`: MultiNLI's and XNLI's sheets with edits."""

    def make(**edits: object) -> Path:
        sheets = {
            name: yaml.safe_load((root / "resources" / "tasks" / f"{name}.yaml").read_text())
            for name in ("mnli", "xnli")
        }
        for path, value in edits.items():
            task, key = path.split("__")
            sheets[task][key] = value
        for name, sheet in sheets.items():
            (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(sheet))
        return tmp_path

    return make


def test_defaults_are_filled_in(folder):
    sheet = read_sheets(folder(mnli__training={"epochs": 7}))["mnli"]
    assert sheet["training"]["epochs"] == 7
    assert sheet["training"]["learning_rate"] == 1e-5
    assert sheet["training"]["patience"] is None
    assert sheet["held_out"] is None


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ({"mnli__name": "mnlii"}, "the name is 'mnlii'; call the file or it alike."),
        ({"xnli__training_set": "mnly"}, "'training_set': no task 'mnly'; did you mean 'mnli'?"),
        ({"mnli__overlaps": ["xnly"]}, "key 'overlaps': no task 'xnly'; did you mean 'xnli'?"),
        (
            {"mnli__label_respellings": {"against": "contradicton"}},
            "'label_respellings.against': no label 'contradicton'; did you mean 'contradiction'?",
        ),
        ({"mnli__lables": []}, "unknown key 'lables'; did you mean 'labels'?"),
        ({"mnli__languages": ["eng_Latn"]}, "key 'languages.0': 'eng_Latn' does not match"),
        (
            {"mnli__merged_labels": {"against": "contradicton"}},
            "'merged_labels.against': no label 'contradicton'; did you mean 'contradiction'?",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_the_file(folder, edits, sentence):
    with pytest.raises(StudyError) as caught:
        read_sheets(folder(**edits))
    message = str(caught.value)
    assert sentence in message
    assert f"{next(iter(edits)).split('__')[0]}.yaml" in message
    assert "\n" not in message


def test_a_key_that_is_missing_is_named(folder):
    path = folder() / "mnli.yaml"
    sheet = yaml.safe_load(path.read_text())
    del sheet["license"]
    path.write_text(yaml.safe_dump(sheet))
    with pytest.raises(StudyError, match=r"mnli\.yaml: the key 'license' is missing"):
        read_sheets(path.parent)


def test_broken_yaml_is_named(folder):
    path = folder() / "xnli.yaml"
    path.write_text("name: [xnli")
    with pytest.raises(StudyError, match=r"xnli\.yaml is not valid YAML"):
        read_sheets(path.parent)


def test_a_task_in_the_wrong_role_is_refused(root):
    sheets = sheets_of(root)
    assert task_of("xnli", "target", sheets, "here")["name"] == "xnli"
    with pytest.raises(StudyError, match="here: 'xnli' is no intermediate task; did you mean"):
        task_of("xnli", "intermediate", sheets, "here")


def test_overlaps_follow_the_data_sets(root):
    sheets = sheets_of(root)
    assert data_sets("anli", sheets) == {"anli", "mnli"}
    assert data_sets("squad_v2", sheets) == {"squad_v2", "squad_v1"}
    assert data_sets("squad_v1", sheets) == {"squad_v1"}


def test_the_eighteen_tasks_of_the_paper_are_there(root):
    sheets = sheets_of(root)
    intermediates = {name for name, sheet in sheets.items() if "intermediate" in sheet["roles"]}
    assert intermediates >= {
        "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg", "cosmosqa",
        "commonsenseqa",
    }  # fmt: skip
    assert set(sheets) - intermediates >= {
        "xnli", "pawsx", "pos", "ner", "xquad", "mlqa", "tydiqa", "bucc", "tatoeba",
    }  # fmt: skip
