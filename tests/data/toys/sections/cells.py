"""How many cells the study has."""

from xstilts.report.section import Section


def context(inputs):
    """Their number."""
    return {"cells": len(inputs.index)} if len(inputs.index) else None


SECTION = Section(
    name="cells", title="Number of cells", order=65, reads=("index",), context=context
)
