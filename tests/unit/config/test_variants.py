"""The rows `+mlm` and `+translated`: their names, their data, and what their recipes rest on."""

import pytest

from xstilts.config.study_config import limits_of, read_config, sheets_of, training_settings
from xstilts.core import StudyError

PLAIN = ["mnli", "squad_v1", "ccg"]
BOTH = [*PLAIN, "mnli+mlm", "squad_v1+mlm", "mnli+translated", "squad_v1+translated"]


def fill_variants(folder):
    """Text in three languages, and translations in two of them."""
    text = folder / "text"
    text.mkdir()
    for language in ("de", "sw", "zh"):
        (text / f"{language}.txt").write_text(f"a line in {language}\n")
    for dataset, split in (("facebook__xnli", "train"), ("translated__squad_v1", "train")):
        for language in ("de", "sw"):
            path = folder / dataset / language / f"{split}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"PAR1" + f"{dataset} {language}".encode() + b"PAR1")
    return text


@pytest.fixture
def varied(plan, base, tmp_path, root):
    """`varied(**edits)`: the study of BOTH, with text and translations at hand."""
    from helpers.hub_folder import fill

    hub = tmp_path / "own"
    fill(hub, root)
    text = fill_variants(hub)
    given = {"data_root": str(hub), "intermediate_tasks": BOTH, "multitask__enabled": False,
             "masked_language_model__text_root": str(text)}  # fmt: skip
    found = lambda **edits: plan(**given | edits)  # noqa: E731
    found.text, found.hub = text, hub
    return found


def names(study, *stages):
    return {run.name for stage in stages for run in study.runs[stage].values()}


def rows(study, before, stage="intermediate"):
    """Rows whose runs of a stage are not among those of `before`."""
    new = {run.label for run in study.runs[stage].values()} if before is None else {
        run.label
        for run in study.runs[stage].values()
        if run.name not in names(before, stage)
    }  # fmt: skip
    return {label.rpartition("-seed")[0] for label in new}


def test_variants_follow_the_plain_rows(varied):
    assert varied().rows == ["none", *BOTH]
    assert varied(multitask__enabled=True).rows == ["none", *PLAIN, "multitask", *BOTH[3:]]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        ("mnli+mml", "did you mean 'mnli+mlm'?"),
        ("mnil+mlm", "did you mean 'mnli+mlm'?"),
        ("squad_v1+translate", "did you mean 'squad_v1+translated'?"),
        ("multitask+mlm", "is no variant (+mlm, +translated) of an intermediate task"),
        ("xnli+mlm", "is no variant"),
        ("mnli+", "did you mean"),
    ],
)
def test_a_misspelt_variant_is_answered_with_the_nearest(base, root, wrong, hint):
    with pytest.raises(StudyError) as caught:
        read_config(base | {"intermediate_tasks": ["mnli", wrong]}, root)
    assert hint in str(caught.value)
    assert f"'{wrong}'" in str(caught.value)


def test_multitask_takes_no_variants(varied):
    study = varied(multitask__enabled=True)
    recipe = study.intermediate("multitask", 1).recipe
    assert {one["task"] for one in recipe["tasks"]} == set(PLAIN)
    with pytest.raises(StudyError, match="'mnli\\+mlm' is not in intermediate_tasks"):
        varied(multitask__tasks=["mnli", "mnli+mlm"])


def test_variants_rename_no_other_run(varied):
    plain = varied(intermediate_tasks=PLAIN)
    assert names(plain, *plain.runs) <= names(varied(), *plain.runs)


def test_masked_text_is_all_that_an_mlm_row_adds(varied):
    study = varied()
    plain, mixed = (study.intermediate(name, 1) for name in ("mnli", "mnli+mlm"))
    added = mixed.recipe.pop("masked_language_model")
    assert mixed.recipe == plain.recipe
    assert added == {"data": study.prepared.text.digest, "ratio": 0.5, "masking_rate": 0.15,
                     "exponent": 0.3}  # fmt: skip
    assert set(mixed.parents["inputs"]) == {"mnli", "multilingual_text"}
    # Masking changes what the frozen layers read: their cached output would not do.
    assert set(mixed.parents["inputs"]["multilingual_text"]) == {"data"}


def test_edits_of_masking_touch_mlm_rows_alone(varied):
    before = varied()
    mlm = {"mnli+mlm", "squad_v1+mlm"}
    assert rows(varied(masked_language_model__ratio=1), before) == mlm
    assert rows(varied(masked_language_model__exponent=1), before) == mlm
    assert rows(varied(masked_language_model__languages=["de"]), before) == mlm
    (varied.text / "de.txt").write_text("another line\n")
    changed = varied()
    assert rows(changed, before) == mlm
    targets = {label.partition("--")[0] for label in rows(changed, before, "target")}
    assert targets == mlm


def test_translations_share_the_training_examples(varied):
    recipe = varied(limits__train=101).data("mnli+translated").recipe
    places = [(one["dataset"], one["config"]) for one in recipe["splits"]["train"]]
    assert places == [("facebook/xnli", "de"), ("facebook/xnli", "sw")]
    assert recipe["limits"]["train"] == 51
    assert recipe["shared"]
    # The checkpoint is chosen as the task's is.
    english = varied(limits__train=101).data("mnli").recipe
    assert recipe["splits"]["dev"] == english["splits"]["dev"]
    assert recipe["limits"]["dev"] == english["limits"]["dev"]
    assert set(recipe["source"]["files"]) == {
        "facebook__xnli/de/train.parquet", "facebook__xnli/sw/train.parquet",
        "nyu-mll__glue/mnli/validation_matched.parquet",
    }  # fmt: skip


def machine(varied, tmp_path, **edits):
    """The study of `varied` in which QQP is translated by a model in a folder."""
    folder = tmp_path / "mt"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text("{}")
    given = {"intermediate_tasks": ["qqp", "qqp+translated", "mnli", "mnli+translated"],
             "translated__languages": ["de", "sw"], "limits__train": 101,
             "translated__model": {"source": "folder", "path": str(folder), "prefix": "<{code}> ",
                                   "codes": {"sw": "swh"}, **edits.pop("model", {})}}  # fmt: skip
    return varied(**given | edits)


def test_a_model_translates_what_nobody_has_published(varied, tmp_path):
    study = machine(varied, tmp_path)
    runs = study.runs["translation"]
    assert {run.label for run in runs.values()} == {"qqp-de", "qqp-sw"}
    swahili = study.prepared.translations("qqp+translated")["sw"].recipe
    assert swahili["model"]["prefix"] == "<swh> "
    assert swahili["share"] == {"number": 1, "of": 2}
    assert swahili["limits"] == {"train": 51}
    assert set(swahili["source"]["files"]) == {"nyu-mll__glue/qqp/train.parquet"}
    data = study.data("qqp+translated").recipe
    assert data["source"]["translations"] == {
        run.recipe["language"]: run.digest for run in runs.values()
    }
    # Each example was translated once: none is left out again.
    assert data["limits"]["train"] is None
    assert "shared" not in data
    assert set(data["source"]["files"]) == {"nyu-mll__glue/qqp/validation.parquet"}
    assert study.contains_training_set("qqp+translated", "xquad") is False


def test_edits_of_translation_touch_what_is_translated_alone(varied, tmp_path):
    before = machine(varied, tmp_path)
    for after in (
        machine(varied, tmp_path, model={"beams": 1}),
        machine(varied, tmp_path, translated__likeness=0.5),
    ):
        assert rows(after, before) == {"qqp+translated"}
        assert len(after.runs["translation"]) == 2
        assert not names(after, "translation") & names(before, "translation")


def test_tags_are_not_translated_by_machine(varied, tmp_path):
    study = machine(varied, tmp_path, intermediate_tasks=["ccg", "ccg+translated"])
    assert study.rows == ["none", "ccg"]
    assert any("labels of tagging do not survive" in one for one in study.problems)


def test_a_model_of_the_hub_is_pinned(varied, tmp_path):
    study = machine(varied, tmp_path, model={"source": "hub", "path": "o/en-{code}"})
    assert study.unpinned["models"] == ["o/en-de", "o/en-swh"]


def test_a_folder_without_a_model_is_a_mistake(varied, tmp_path):
    with pytest.raises(StudyError, match=r"'translated\.model\.path': .* has no config\.json"):
        machine(varied, tmp_path, model={"path": str(tmp_path)})


def test_settings_of_the_task_hold_for_its_variants(base, root, varied):
    config = read_config(
        base | {"tasks": {"mnli": {"training": {"epochs": 7}, "limits": {"train": 9}}}}, root
    )
    sheets = varied().sheets
    for row in ("mnli", "mnli+translated"):
        assert training_settings(row, config, sheets)["epochs"] == 7
        assert limits_of(row, config)["train"] == 9


def test_variants_have_seen_the_target_as_their_task_has(varied):
    study = varied()
    for row in ("mnli", "mnli+mlm", "mnli+translated"):
        assert study.contains_training_set(row, "xnli")
        assert not study.contains_training_set(row, "xquad")


def test_similarity_and_learning_know_the_plain_tasks(varied):
    study = varied()
    assert study.intermediate_tasks == PLAIN
    assert set(study.embeddings.plan()["intermediates"]) == set(PLAIN)
    assert {one["task"] for one in study.trained_tasks() if one["role"] == "intermediate"} == set(
        PLAIN
    )


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (
            {"masked_language_model__text_root": None},
            "mnli+mlm is left out: name its text by masked_language_model.text_root",
        ),
        (
            {"masked_language_model__text_root": "nowhere"},
            "mnli+mlm is left out: put a file <language>.txt per language into nowhere",
        ),
        (
            {"masked_language_model__text_root": None, "masked_language_model__dataset": "a/b"},
            "mnli+mlm is left out: put a__b/de/train.parquet, and so for other languages, into",
        ),
        (
            {"translated__languages": ["de", "zh"]},
            "mnli+translated is left out: put facebook__xnli/zh/train.parquet into",
        ),
        (
            {"intermediate_tasks": ["qqp", "qqp+translated"]},
            "qqp+translated is left out: put translated__qqp/ar/train.parquet into",
        ),
    ],
)
def test_what_is_missing_is_left_out_and_named(varied, edits, said):
    study = varied(**edits)
    assert any(problem.startswith(said) for problem in study.problems), study.problems
    left_out = said.partition(" ")[0]
    assert left_out not in study.rows
    assert left_out.partition("+")[0] in study.rows


def test_a_language_without_text_is_a_mistake(varied):
    with pytest.raises(StudyError, match=r"there is no text in 'dee'; did you mean 'de'\?"):
        varied(masked_language_model__languages=["dee"])


def test_the_demo_says_two_skills_in_other_languages(root, plan):
    study = plan(
        source="demo", data_root=..., limits__test=10, multitask__enabled=False,
        intermediate_tasks=["mnli", "mnli+mlm", "mnli+translated", "qqp+translated"],
    )  # fmt: skip
    assert study.rows == ["none", "mnli", "mnli+mlm", "mnli+translated"]
    assert any("qqp+translated is left out: the demo's grammar" in one for one in study.problems)
    text = study.prepared.text.recipe
    assert {part["dataset"] for part in text["splits"]["train"]} == {"demo/text"}
    assert len(study.prepared.available.translations["mnli+translated"]) == 9


def test_text_of_the_hub_is_pinned_like_any_data(plan):
    study = plan(
        source="hub", intermediate_tasks=["mnli", "mnli+mlm"], target_tasks=["xnli"],
        languages=["de", "sw"], multitask__enabled=False,
        masked_language_model__dataset="o/text", masked_language_model__config="v1.{language}",
    )  # fmt: skip
    assert "o/text" in study.unpinned["datasets"]
    parts = study.prepared.text.recipe["splits"]["train"]
    assert [(one["dataset"], one["config"]) for one in parts] == [
        ("o/text", "v1.de"), ("o/text", "v1.sw")
    ]  # fmt: skip


def test_sheets_name_translations_of_their_own_task_alone(root):
    for name, sheet in sheets_of(root).items():
        if sheet["splits"]["translated"]:
            assert "intermediate" in sheet["roles"], name
