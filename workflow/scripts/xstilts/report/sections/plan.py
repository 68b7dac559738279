"""What was run of the grid, and why, where a plan chose it."""

from xstilts.report.inputs import ReportInputs
from xstilts.report.section import Context, Section


def context(inputs: ReportInputs) -> Context | None:
    """The plan behind the study; None where the whole grid was run."""
    plan = inputs.plan
    if not plan:
        return None
    cells = sum(len(seeds) for own in plan["cells"].values() for seeds in own.values())
    return {"plan": plan, "cells": cells, "rows": len(plan["cells"]) - ("none" in plan["cells"])}


SECTION = Section(name="plan", title="What was run", order=87, reads=("plan",), context=context)
