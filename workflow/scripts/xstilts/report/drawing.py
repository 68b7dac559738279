"""Figures as files and as part of the page, byte for byte the same for the same input."""

import io
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Text and lines on the page's own background: the page replaces both by its colours, so that a
# figure can be read on a dark screen. Used for nothing that lies on a coloured cell.
INK, QUIET = "#1b1b1f", "#5b5b60"

_STYLE = {
    "svg.hashsalt": "xstilts",  # else ids are random
    "svg.fonttype": "none",  # text stays text: searchable, small, in the page's font
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "sans-serif"],
}
_NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}


def svg(figure: Figure) -> str:
    """The figure as an SVG document without date, version or path."""
    buffer = io.StringIO()
    with mpl.rc_context(_STYLE):
        figure.savefig(buffer, format="svg", metadata=_NO_METADATA, transparent=True)
    return buffer.getvalue()


def save(figure: Figure, svg_file: Path, png_file: Path) -> None:
    """Write the figure as SVG and as PNG (160 dots per inch, white background)."""
    svg_file.parent.mkdir(parents=True, exist_ok=True)
    png_file.parent.mkdir(parents=True, exist_ok=True)
    svg_file.write_text(svg(figure), encoding="utf-8")
    FigureCanvasAgg(figure)
    with mpl.rc_context(_STYLE):
        figure.savefig(png_file, format="png", dpi=160, metadata={"Software": None})


def inline_svg(
    figure: Figure, name: str, label: str, titles: Mapping[str, str] | None = None
) -> str:
    """The figure as an `<svg>` element for an HTML page.

    `name` goes before every id (ids must be unique on the page), `label` is what a screen reader
    says, `titles` gives texts under the pointer by the id of a group in the figure.
    """
    text = svg(figure)
    text = text[text.index("<svg") :]
    # Matplotlib's style sheet has the selector *, which would apply to the whole page.
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.S)
    for identity, title in (titles or {}).items():
        opening = f'<g id="{escape(identity)}">'
        text = text.replace(opening, f"{opening}<title>{escape(title)}</title>")
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r'href="#', f'href="#{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    text = text.replace(INK, "var(--ink)").replace(QUIET, "var(--quiet)")
    width = figure.get_figwidth()
    attributes = f'role="img" aria-label="{escape(label)}" style="width:{width:.2f}in"'
    own_size = r'<svg (.*?)width="[^"]*" height="[^"]*"'
    return re.sub(own_size, lambda found: f"<svg {attributes} {found[1]}", text, count=1)
