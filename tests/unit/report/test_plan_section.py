"""The section on a plan: there where one chose the cells, and only there."""

import dataclasses

from helpers.simulated_study import PLAN
from xstilts.report.page import render
from xstilts.report.sections.plan import context


def test_a_plan_is_told_and_a_whole_grid_has_no_section(inputs):
    assert context(inputs) is None
    assert 'id="plan"' not in render(inputs)
    own = dataclasses.replace(inputs, plan=PLAN)
    assert context(own)["cells"] == 3 and context(own)["rows"] == 1
    page = render(own)
    assert 'id="plan"' in page and "A note." in page and "proved optimal by HiGHS" in page
    assert "8.5 of 9 GPU-hours" in " ".join(page.split())
