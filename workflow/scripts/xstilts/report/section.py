"""What a section of the page is: one object and its template, which nothing else names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xstilts.report.report_inputs import ReportInputs

Context = dict[str, Any]

# What `ReportInputs.dyads` stands on.
DYADS = ("gains", "errors", "index", "learning", "run_learning", "config")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the page, `sections/<name>.py` with `sections/<name>.html.jinja` beside it.

    Attributes:
        name: its anchor on the page.
        title: as the page's menu has it.
        order: sections stand from the lowest down.
        reads: the tables and other optional fields of `ReportInputs` that it stands on, for its
            context or its figures.
        context: what its template is filled with; None where the study has no such section. The
            template also has `written` and `count`, and `charts`, the figures by name.
    """

    name: str
    title: str
    order: int
    reads: tuple[str, ...]
    context: Callable[[ReportInputs], Context | None]
