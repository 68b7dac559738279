"""The page: one HTML file that needs no network, and no script to be read."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xstilts.report import drawing, figures, formats
from xstilts.report.inputs import ReportInputs
from xstilts.report.names import titled, written
from xstilts.report.sections import results
from xstilts.report.sections.similarity import similarity

BANNERS = {
    "demo": "demonstration: real model, real training, generated text; "
    "its numbers are no evidence about the real tasks",
    "folder": "samples: real text from a local folder, perhaps only a part of each data set; "
    "intervals are as wide as the test sets are small",
    "hub": "",
}


def render(inputs: ReportInputs) -> str:
    """The page as HTML. The same inputs give the same bytes."""
    with titled(inputs.titles):
        return _rendered(inputs)


def _rendered(inputs: ReportInputs) -> str:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    charts = drawn(inputs)
    return environment.get_template("page.html.jinja").render(
        study=inputs.study,
        description=inputs.description,
        banner=BANNERS[inputs.data],
        written=written,
        count=formats.count,
        intermediates=[name for name in inputs.intermediates if name != "none"],
        targets=inputs.targets,
        charts=charts,
        player=Markup(drawing.player()) if charts else "",
        **results.gains(inputs),
        **results.scores(inputs),
        **results.choice(inputs),
        **results.claims(inputs),
        **similarity(inputs),
        **results.learning(inputs),
        **results.missing(inputs),
        **results.provenance(inputs),
    )


def drawn(inputs: ReportInputs) -> dict[str, dict[str, str | Markup]]:
    """Every figure that has something to show: title, caption, picture and specification."""
    found = {}
    for name, figure in figures.FIGURES.items():
        specification = figures.specification(name, inputs)
        if specification is not None:
            found[name] = {
                "title": figure.title,
                "caption": inputs.captions.get(f"{name}_on_page", inputs.captions.get(name, "")),
                "picture": Markup(drawing.inline_svg(specification, name, figure.title)),
                "specification": Markup(drawing.embedded(specification)),
            }
    return found
