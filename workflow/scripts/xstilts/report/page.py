"""The page: one HTML file that needs no network, and no script to be read."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xstilts.report import drawing, figures, formats, sections
from xstilts.report.names import titled, written
from xstilts.report.report_inputs import ReportInputs
from xstilts.report.section import Section
from xstilts.report.study_line import study_line
from xstilts.sources import source_of


def render(inputs: ReportInputs) -> str:
    """The page as HTML. The same inputs give the same bytes."""
    with titled(inputs.titles):
        return _rendered(inputs)


def environment() -> Environment:
    """Where the page's templates are; a section's lies beside it."""
    return Environment(
        loader=FileSystemLoader([Path(__file__).parent, *sections.__path__]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _rendered(inputs: ReportInputs) -> str:
    templates = environment()
    charts = drawn(inputs)
    return templates.get_template("page.html.jinja").render(
        study=inputs.study,
        study_line=study_line(inputs),
        banner=source_of(inputs.data).banner,
        sections=list(_sections(inputs, templates, charts)),
        player=Markup(drawing.player()) if charts else "",
    )


def _sections(
    inputs: ReportInputs, templates: Environment, charts: Mapping[str, object]
) -> Iterator[tuple[Section, Markup]]:
    """Every section that the study has, with its text."""
    shared = {"written": written, "count": formats.count, "charts": charts}
    for section in sections.page_sections():
        context = section.context(inputs)
        if context is not None:
            template = templates.get_template(f"{section.name}.html.jinja")
            yield section, Markup(template.render(**shared, **context))


def drawn(inputs: ReportInputs) -> dict[str, dict[str, str | Markup]]:
    """Every figure that has something to show: title, caption, picture and specification."""
    figures_by_name = {}
    for name, figure in figures.FIGURES.items():
        specification = figures.specification(name, inputs) if figure.on_page else None
        if specification is not None:
            figures_by_name[name] = {
                "title": figure.title,
                "caption": inputs.captions.get(name, ""),
                "picture": Markup(drawing.inline_svg(specification, name, figure.title)),
                "specification": Markup(drawing.embedded(specification)),
            }
    return figures_by_name
