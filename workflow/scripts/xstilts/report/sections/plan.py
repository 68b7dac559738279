"""What was run of the grid, and why, where a plan chose it."""

from xstilts.core.naming import row_and_fidelity
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context | None:
    """The plan behind the study; None where the whole grid was run."""
    plan = inputs.plan
    if not plan:
        return None
    cells = sum(len(seeds) for own in plan["cells"].values() for seeds in own.values())
    rows = [row for row in plan["cells"] if row_and_fidelity(row)[0] != "none"]
    cheap = sum(bool(row_and_fidelity(row)[1]) for row in rows)
    return {"plan": plan, "cells": cells, "rows": len(rows), "cheap": cheap}


SECTION = Section(name="plan", title="What was run", order=87, reads=("plan",), context=context)
