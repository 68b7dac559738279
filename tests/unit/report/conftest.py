"""Fixtures of the report's tests."""

import pytest
from simulated_study import make_inputs

from xstilts.report.inputs import ReportInputs


@pytest.fixture(scope="session")
def inputs() -> ReportInputs:
    """11 intermediates x 9 targets x 10 languages x 2 seeds, one diverged cell."""
    return make_inputs()
