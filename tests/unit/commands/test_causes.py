"""Why a run is not there: what was edited, in the words of the config, file or module."""

import shutil

import pytest

from helpers.finished_study import finish, finish_run
from xstilts.commands.causes import Causes
from xstilts.commands.history import History
from xstilts.commands.known_code import CodeMemory
from xstilts.plan import code, digest_cache, stage_code


def reasons(study) -> dict[str, set[str]]:
    """Causes, as text, of every run of `study` that is not there, by its readable name.

    What similarity makes of a run has the same name, and is left out.
    """
    return causes_in(study, "encoder", "data", "activations", "intermediate", "target")


def causes_in(study, *stages: str) -> dict[str, set[str]]:
    causes = Causes(History(), CodeMemory(study.code))
    return {
        run.label: set(map(str, causes.of(run)))
        for stage in stages
        for run in study.runs[stage].values()
        if not run.receipt.exists()
    }


ROW, OTHER_ROW = "qqp--xnli-seed1", "mnli--xnli-seed1"
BOTH = "multitask--xnli-seed1"

# edit -> {readable name: what is said of it}; a name with nothing is one that is there.
EDITS = {
    "key of one row": (
        {"tasks__qqp__training__learning_rate": 3e-5},
        {name: ["training.learning_rate: 1e-05 -> 3e-05"] for name in ("qqp-seed1", ROW)}
        | {OTHER_ROW: [], BOTH: []},
    ),
    "key of one column": (
        {"tasks__pawsx__training__epochs": 9},
        {"qqp--pawsx-seed1": ["training.epochs: 5 -> 9"], ROW: []},
    ),
    "key of the multi-task row": (
        {"multitask__training__dropout": 0.3},
        {BOTH: ["multitask.training.dropout: 0.1 -> 0.3"], ROW: []},
    ),
    "sampling rule": (
        {"multitask__sampling": "uniform"},
        {BOTH: ["multitask.sampling: proportional -> uniform"]},
    ),
    "members of the multi-task row": (
        {"multitask__tasks": ["mnli", "qqp", "ccg"]},
        {BOTH: ["multitask.tasks: anli ccg commonsenseqa cosmosqa hellaswag mnli qqp squad_v1 "
                "squad_v2 -> ccg mnli qqp"], ROW: []},
    ),
    "limit of a training set": (
        {"tasks__mnli__limits__train": 50},
        {name: ["limits.train: 100 -> 50"] for name in ("mnli", OTHER_ROW, ROW, BOTH)},
    ),
    "length": (
        {"tasks__ccg__training__maximum_length": 64},
        {"ccg": ["training.maximum_length: 256 -> 64"],
         "ccg--pos-seed1": ["training.maximum_length: 256 -> 64"]},
    ),
    "language less": (
        {"languages": ["en", "de", "zh"]},
        # What is predicted in all of them is read; a search is made anew.
        {"xnli": [], ROW: [], "tatoeba": ["languages: de sw zh -> de zh"]},
    ),
    "sampling seed": ({"data_seed": 2}, {"qqp": ["data_seed: 1 -> 2"], ROW: ["data_seed: 1 -> 2"]}),
    "frozen layers": (
        {"encoder__frozen_layers": 2},
        {"qqp-seed1": ["encoder.frozen_layers: 3 -> 2"], ROW: ["encoder.frozen_layers: 3 -> 2"]},
    ),
    "another encoder": (
        {"encoder": {"name": "large", "layers": 12, "frozen_layers": 3}},
        {"large": ["encoder.layers: 6 -> 12", "encoder.name: small -> large"],
         ROW: ["encoder.layers: 6 -> 12", "encoder.name: small -> large"]},
    ),
    "precision": (
        {"precision": "bfloat16", "accelerator": "gpu"},
        {ROW: ["precision: float32 -> bfloat16"]},
    ),
    "search": (
        {"retrieval__margin": "cosine"},
        {"qqp--bucc-seed1": ["retrieval.margin: ratio -> cosine"], ROW: []},
    ),
    "head": (
        {"tasks__xnli__training__head": "mean"},
        {ROW: ["training.head: first -> mean"]},
    ),
    "weights kept": ({"keep_target_weights": True},
                     {ROW: ["keep_target_weights: false -> true"]}),
    "one target less in a group": (
        {"target_tasks": ["xquad"]},
        {"qqp--xquad-seed1": ["target_tasks: mlqa xquad -> xquad"]},
    ),
    "seed": ({"seeds": [1, 2]}, {"qqp--xnli-seed2": ["new seed 2"], ROW: []}),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_edit_is_named(plan, edit):
    edits, expected = EDITS[edit]
    finish(plan())
    found = reasons(plan(**edits))
    assert {name: found.get(name, set()) for name in expected} == {
        name: set(said) for name, said in expected.items()
    }


def test_what_similarity_makes_of_runs(plan):
    finish(plan())
    row = causes_in(plan(tasks__qqp__training__learning_rate=3e-5), "embeddings", "evidence")
    assert row == {"qqp-seed1": {"training.learning_rate: 1e-05 -> 3e-05"}}
    data = causes_in(plan(tasks__ccg__limits__train=50), "embeddings", "evidence")
    assert data == {"ccg": {"limits.train: 100 -> 50"}, "ccg-seed1": {"limits.train: 100 -> 50"}}
    own = causes_in(plan(similarity__labelled_examples=400), "evidence")
    assert set().union(*own.values()) == {"similarity.examples: 500 -> 400"}


def test_every_run_that_is_not_there_has_a_cause(plan):
    finish(plan())
    found = reasons(plan(data_seed=2, languages=["en"], seeds=[1, 2], training__dropout=0.3))
    assert found
    assert all(found.values())


def test_nothing_ran_yet(plan):
    assert set().union(*reasons(plan()).values()) == {"first run"}


def test_new_row_column_and_task(plan):
    finish(plan(intermediate_tasks=["mnli", "ccg"], target_tasks=["xnli"],
                multitask__enabled=False))  # fmt: skip
    found = reasons(plan(intermediate_tasks=["mnli", "ccg", "qqp"], target_tasks=["xnli", "pos"],
                         multitask__enabled=False))  # fmt: skip
    assert found["qqp"] == {"new task qqp"}
    assert found["qqp--xnli-seed1"] == {"new row qqp"}
    assert found["mnli--pos-seed1"] == {"new column pos"}
    assert "mnli--xnli-seed1" not in found


def test_run_that_did_not_finish(plan):
    study = plan()
    finish(study)
    run = study.target("qqp", ["xnli"], 1)
    run.receipt.unlink()
    assert reasons(study) == {"qqp--xnli-seed1": {"not run before"}}


def test_nearest_of_several_finished_runs_is_compared(plan):
    finish(plan(tasks__qqp__training__epochs=7, tasks__qqp__training__dropout=0.3))
    finish_run(plan(tasks__qqp__training__epochs=8).intermediate("qqp", 1))
    found = reasons(plan(tasks__qqp__training__epochs=9))
    assert found["qqp-seed1"] == {"training.epochs: 8 -> 9"}


def test_of_equally_near_runs_that_of_the_last_tables_is_compared(plan):
    study = plan()
    for edited in (study, plan(tasks__qqp__training__epochs=8)):
        finish(edited)
    new = plan(tasks__qqp__training__epochs=9).intermediate("qqp", 1)
    for epochs in (3, 8):
        last = plan(tasks__qqp__training__epochs=epochs).intermediate("qqp", 1)
        causes = Causes(History(), CodeMemory(study.code), frozenset({last.name}))
        assert set(map(str, causes.of(new))) == {f"training.epochs: {epochs} -> 9"}


def test_edited_file_is_named(plan, data_root, tmp_path):
    shutil.copytree(data_root, tmp_path / "hub")
    hub = tmp_path / "hub"
    finish(plan(data_root=str(hub)))
    (hub / "nyu-mll__glue/qqp/train.parquet").write_bytes(b"PAR1 other bytes PAR1")
    found = reasons(plan(data_root=str(hub)))
    said = {"file nyu-mll__glue/qqp/train.parquet changed"}
    assert found["qqp"] == found["qqp-seed1"] == found["qqp--pos-seed1"] == said
    assert "mnli--pos-seed1" not in found


@pytest.fixture
def edited(plan, monkeypatch, tmp_path):
    """`edited(module)`: the study after an edit of a module, finished before it."""
    finish(plan())
    definitions = code.Reached.definitions.fget

    def edit(module):
        class Edited(code.Reached):
            @property
            def definitions(self):
                edited = {name: "edited" for name in definitions(self) if self.concerns(name)}
                return definitions(self) | edited

            @property
            def digest(self):
                same = super().digest
                return f"{same[:11]}!" if module in self.modules else same

            def concerns(self, name):
                return name.partition(":")[0] == module

        monkeypatch.setattr(stage_code, "Reached", Edited)
        # No file was edited, by which the digests that are kept would be known to be old.
        monkeypatch.setattr(digest_cache, "FILE", tmp_path / "digests.json")
        return plan()

    return edit


def test_edited_module_is_named(edited):
    found = reasons(edited("xstilts.retrieval.mining"))
    assert found.keys() == {f"{row}--{target}{seed}" for target in ("bucc", "tatoeba")
                            for row, seed in [("none", ""), *((row, "-seed1") for row in (
                                "anli", "mnli", "qqp", "squad_v1", "squad_v2", "hellaswag", "ccg",
                                "cosmosqa", "commonsenseqa", "multitask"))]}  # fmt: skip
    assert set().union(*found.values()) == {"code xstilts.retrieval.mining changed"}


def test_module_of_a_parent_is_named(edited):
    found = reasons(edited("xstilts.data.windows"))
    assert found["squad_v1"] == found["none--mlqa+xquad-seed1"]
    assert found["squad_v1"] == {"code xstilts.data.windows changed"}
    # Pairs are not read in windows.
    assert "none--xnli-seed1" not in found


def test_module_behind_the_tokenizer_is_named(edited):
    found = reasons(edited("xstilts.encoders.tokenizer"))
    assert found["squad_v1"] == {"code xstilts.encoders.tokenizer changed"}


def test_without_memory_the_stage_is_named(edited):
    study = edited("xstilts.retrieval.mining")
    from xstilts.core.paths import CODE_DIGESTS

    CODE_DIGESTS.write_text("broken")
    assert reasons(study)["none--bucc"] == {"code of the target stage changed"}


def test_nobody_changed_the_code_of_a_study_that_never_ran(edited):
    study = edited("xstilts.retrieval.mining")
    causes = Causes(History(), CodeMemory(study.code), started=False)
    (run,) = [run for run in study.runs["target"].values() if run.label == "none--bucc"]
    assert set(map(str, causes.of(run))) == {"not run before"}
