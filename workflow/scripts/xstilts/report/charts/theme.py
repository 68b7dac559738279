"""What all charts have in common: type, lines, colours, and how tables travel inside them."""

import altair as alt
import numpy as np
import pandas as pd

from xstilts.core.tsv import rows_of, tsv

# Text takes the colour of the page around it, so that a chart can be read on a dark screen; what
# lies on a coloured cell has a colour of its own.
INK = "currentColor"
GRID = "#88888840"
MISSING = "#c9c9cf"
BLUE, ORANGE, GREY = "#2f74b5", "#c2571a", "#7d7d86"  # told apart by colour-blind readers

# Red, white, blue, in seven steps: told apart in all common kinds of colour blindness.
DIVERGING = ("#b2182b", "#e0725c", "#f8c8b0", "#f7f7f7", "#bcd9ea", "#5fa2cd", "#2166ac")
DARK, LIGHT = "#000000", "#ffffff"  # one of them has a contrast of 4.5 or more on any colour

CONFIG = {
    "font": "Roboto, 'Helvetica Neue', Arial, sans-serif",
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {
        "labelColor": INK, "titleColor": INK, "gridColor": GRID, "domain": False, "ticks": False,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 6,
        "labelLimit": 260,
    },
    "axisQuantitative": {"labelOverlap": "greedy", "labelSeparation": 6},
    "header": {"labelColor": INK, "titleColor": INK, "labelFontSize": 13, "labelFontWeight": 600},
    "legend": {
        "labelColor": INK, "titleColor": INK, "labelFontSize": 12, "titleFontSize": 12,
        "titleFontWeight": "normal", "symbolStrokeWidth": 1.5,
    },
    "title": {
        "color": INK, "subtitleColor": INK, "anchor": "start", "fontSize": 14, "fontWeight": 600,
        "subtitleFontSize": 12, "offset": 12,
    },
    "text": {"fontSize": 12},
}  # fmt: skip


def table(frame: pd.DataFrame) -> alt.InlineData:
    """The rows as CSV inside the chart: a third of the size of JSON, six significant digits."""
    if frame.empty:
        return alt.InlineData(values=[])
    numbers = frame.astype({name: int for name in frame if frame[name].dtype.kind == "b"})
    parse = {
        str(name): "number" if numbers[name].dtype.kind in "iuf" else "string" for name in numbers
    }
    text = tsv(*rows_of(numbers), numbers=".6g", separator=",")
    return alt.InlineData(values=text, format=alt.CsvDataFormat(type="csv", parse=parse))


def finished(chart: alt.TopLevelMixin) -> dict:
    """The chart's specification with the common settings."""
    specification = chart.to_dict()
    specification["config"] = CONFIG
    return specification


NARROW = 290  # pixels of a plot's width on a phone


def fitted(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    """A chart whose labels have a place at its own width and at that of a phone, and no other.

    The page sets the parameter `narrow` and the width.
    """
    return chart.add_params(alt.param(name="narrow", value=False)).properties(
        usermeta={"narrow": NARROW}
    )


def colour_limit(gains: pd.Series) -> float:
    """Where the colours of gains end: the 95th percentile of their sizes, at least one point.

    One large cell would else make all others pale.
    """
    sizes = gains.abs().dropna().to_numpy(dtype=float)
    return max(float(np.percentile(sizes, 95)), 1.0) if sizes.size else 1.0


def diverging(limit: float) -> alt.Scale:
    """A colour scale from -limit to limit with white at zero; beyond it the end colours stay."""
    return alt.Scale(
        domain=[round(stop, 4) for stop in np.linspace(-limit, limit, len(DIVERGING))],
        range=list(DIVERGING),
        interpolate="rgb",
        clamp=True,
    )


def ink_on(gain: float, limit: float) -> str:
    """Dark or white, whichever is read better on the colour of `gain`."""
    face = _channels(colour_of(gain, limit))
    return max((DARK, LIGHT), key=lambda ink: contrast(face, _channels(ink)))


def colour_of(gain: float, limit: float) -> str:
    """The colour of `gain` on the scale of `diverging(limit)`."""
    position = (float(np.clip(gain / limit, -1, 1)) + 1) / 2 * (len(DIVERGING) - 1)
    channels = [
        np.interp(position, range(len(DIVERGING)), [_channels(stop)[i] for stop in DIVERGING])
        for i in range(3)
    ]
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in channels)


def _channels(colour: str) -> tuple[float, ...]:
    return tuple(int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))


def contrast(first: tuple, second: tuple) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2); channels from 0 to 1."""
    lights = []
    for colour in (first, second):
        channels = np.array(colour)
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        lights.append(float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(lights) / min(lights)
