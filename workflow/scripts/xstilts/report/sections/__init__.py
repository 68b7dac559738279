"""The sections of the page: each is one object `SECTION` in a file of its own, with its template.

To add one, add these two files: `section.Section` says what they need.
"""

from importlib import import_module

from xstilts.core.objects import object_names
from xstilts.report.section import Section


def page_sections() -> list[Section]:
    """All sections in the order of the page."""
    names = object_names(__name__)
    sections = [import_module(f"xstilts.report.sections.{name}").SECTION for name in names]
    return sorted(sections, key=lambda section: section.order)
