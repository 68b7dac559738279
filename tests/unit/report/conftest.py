"""Fixtures of the report's tests."""

import dataclasses

import pytest

from helpers.simulated_inference import with_inference
from helpers.simulated_study import FIDELITY, PLAN, compared_fidelities, make_inputs, titles
from xstilts.report.names import titled
from xstilts.report.report_inputs import ReportInputs


@pytest.fixture(scope="session")
def inputs() -> ReportInputs:
    """11 intermediates x 9 targets x 10 languages x 2 seeds, one diverged cell, no inference."""
    return make_inputs()


@pytest.fixture(scope="session")
def full_inputs(inputs: ReportInputs) -> ReportInputs:
    """The same with similarity, inference, facts on languages, a plan that chose the cells, and
    cheap runs beside full ones.
    """
    config = {**inputs.config, "fidelity": FIDELITY}
    return dataclasses.replace(
        with_inference(inputs), plan=PLAN, config=config, fidelity=compared_fidelities()
    )


@pytest.fixture(autouse=True)
def sheets_titles():
    """So that a test's own `written` says what the page says."""
    with titled(titles()):
        yield
