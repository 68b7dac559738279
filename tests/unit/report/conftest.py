"""Fixtures of the report's tests."""

import pytest

from helpers.simulated_inference import with_inference
from helpers.simulated_study import make_inputs
from xstilts.report.inputs import ReportInputs


@pytest.fixture(scope="session")
def inputs() -> ReportInputs:
    """11 intermediates x 9 targets x 10 languages x 2 seeds, one diverged cell, no inference."""
    return make_inputs()


@pytest.fixture(scope="session")
def full_inputs(inputs: ReportInputs) -> ReportInputs:
    """The same with similarity, inference and facts on languages."""
    return with_inference(inputs)
