"""Charts as SVG and PNG files and as part of the page, without a browser and without network."""

import json
import re
from functools import cache
from html import escape
from pathlib import Path

import vl_convert

VERSION = "v6.4"
"""Vega-Lite as altair 6.3 speaks it."""


def svg(specification: dict) -> str:
    """The chart as an SVG document; the same chart gives the same bytes."""
    text = vl_convert.vegalite_to_svg(specification, vl_version=VERSION)
    return _renumbered(text, r"\b(gradient|clip)_?\d+\b")


def _renumbered(text: str, pattern: str) -> str:
    """Names whose numbers go on counting through a process, counted from 0 in this text."""
    numbers: dict[str, str] = {}
    return re.sub(
        pattern, lambda name: numbers.setdefault(name[0], f"{name[1]}_{len(numbers)}"), text
    )


def save(specification: dict, svg_file: Path, png_file: Path) -> None:
    """Write the chart as SVG and as PNG (two dots per unit), both black on white."""
    on_white = {**specification, "background": "white"}
    svg_file.parent.mkdir(parents=True, exist_ok=True)
    png_file.parent.mkdir(parents=True, exist_ok=True)
    svg_file.write_text(svg(on_white), encoding="utf-8")
    png_file.write_bytes(vl_convert.vegalite_to_png(on_white, scale=2, vl_version=VERSION))


def inline_svg(specification: dict, name: str, label: str) -> str:
    """The chart as an `<svg>` element for an HTML page, as it looks before any script runs.

    `name` goes before every id (ids must be unique on the page); `label` is what a screen reader
    says.
    """
    text = svg(specification)
    text = text[text.index("<svg") :]
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = re.sub(r"url\(#", f"url(#{name}-", text)
    # Links work once the script has drawn the chart; the tables of the page have them all.
    text = re.sub(r"</?a\b[^>]*>", "", text)
    # One picture with one label; the chart that takes its place speaks for each of its marks.
    text = re.sub(r' (aria-[a-z]+|role)="[^"]*"', "", text)
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)


def embedded(specification: dict) -> str:
    """The chart's specification as JSON that is safe inside a `<script>` element."""
    text = json.dumps(specification, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


@cache
def player() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script, from the installed package."""
    # Its stub does not know that without a snippet all three libraries are bundled.
    script = vl_convert.javascript_bundle(vl_version=VERSION)  # type: ignore[call-arg]
    return script.replace("</script", "<\\/script")
