"""What a way of making steps needs is asked for before anything runs."""

import pytest

from xstilts.config.gpu_step import check_gpu_step, check_gpu_step_of
from xstilts.core.errors import StudyError

CONFIG = {
    "accelerator": "gpu",
    "activation_checkpointing": False,
    "gpu_step": "graphs",
    "training": {"gradient_accumulation": 1},
    "multitask": {"training": {}},
    "tasks": {},
}


@pytest.mark.parametrize(
    ("changes", "needs"),
    [
        ({"activation_checkpointing": True}, "'graphs' needs activation_checkpointing: false"),
        (
            {"activation_checkpointing": True, "gpu_step": "packed"},
            "'packed' needs activation_checkpointing: false; set that, or gpu_step: lean",
        ),
        (
            {"training": {"gradient_accumulation": 2}},
            "'graphs' needs training.gradient_accumulation: 1",
        ),
        (
            {"tasks": {"mnli": {"training": {"gradient_accumulation": 4}}}},
            "'graphs' needs training.gradient_accumulation: 1",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(changes, needs):
    with pytest.raises(StudyError, match=needs):
        check_gpu_step(CONFIG | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"gpu_step": "lean", "activation_checkpointing": True},
        {"gpu_step": "packed", "training": {"gradient_accumulation": 2}},
        {"accelerator": "cpu", "activation_checkpointing": True},
    ],
)
def test_what_goes_together_passes(changes):
    check_gpu_step(CONFIG | changes)


def test_an_encoder_that_transformers_runs_is_refused_by_its_config():
    check_gpu_step_of(CONFIG, "xlm-roberta")
    check_gpu_step_of({}, "deberta-v2")
    check_gpu_step_of(CONFIG | {"gpu_step": "lean"}, "deberta-v2")
    with pytest.raises(StudyError, match="this one is 'deberta-v2'; set it to lean"):
        check_gpu_step_of(CONFIG, "deberta-v2")
