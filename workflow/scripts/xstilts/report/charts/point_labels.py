"""Labels beside points so that none lies on another."""

import altair as alt
import pandas as pd

from xstilts.report.charts.theme import INK

LABEL_SIZE = 9.5
LETTER = 0.66  # width of a letter, as a share of the size
SIDES = {
    "right": (7, 0, "left"), "left": (-7, 0, "right"), "above": (0, -9, "center"),
    "below": (0, 10, "center"), "above right": (5, -8, "left"), "above left": (-5, -8, "right"),
    "below right": (5, 9, "left"), "below left": (-5, 9, "right"),
}  # fmt: skip
"""Side of the point -> shift in pixels right and down, and the text's alignment."""


def place(
    x: pd.Series, y: pd.Series, labels: pd.Series, width: float, height: float
) -> dict[str, list[str]]:
    """Column `side`: on which side of its point each label stands, empty where there is no room.

    Greedy: each label takes the first side that is free of points and of earlier labels. `width`
    and `height` of the plot are in pixels; a letter is taken to be 0.54 of the size wide.
    """
    across = _scaled(x, width)
    down = [height - value for value in _scaled(y, height)]
    taken = [(a - 4, d - 4, a + 4, d + 4) for a, d in zip(across, down, strict=True)]
    sides = []
    box: tuple[float, float, float, float] | None
    for a, d, label in zip(across, down, labels, strict=True):
        room = len(label) * LABEL_SIZE * LETTER
        side, box = next(
            (
                (side, box)
                for side, (dx, dy, align) in SIDES.items()
                if _free(box := _box(a + dx, d + dy, room, align), taken, width)
            ),
            ("", None),
        )
        if box:
            taken.append(box)
        sides.append(side)
    return {"side": sides}


def placed(
    rows: pd.DataFrame, x: str, y: str, label: str, widths: tuple[float, float], height: float
) -> pd.DataFrame:
    """The rows with `side` and `side_narrow`, the labels' places at either width of the plot."""
    wide, narrow = (place(rows[x], rows[y], rows[label], width, height)["side"] for width in widths)
    return rows.assign(side=wide, side_narrow=narrow)


def texts(points: alt.Chart, label: str, size: float = LABEL_SIZE) -> list[alt.Chart]:
    """The labels of points that went through `placed`. Needs the parameter `narrow`."""
    return [
        points.transform_filter(f"datum[narrow ? 'side_narrow' : 'side'] === '{side}'")
        .mark_text(fontSize=size, color=INK, opacity=0.85, dx=dx, dy=dy, align=align)
        .encode(text=f"{label}:N", tooltip=alt.TooltipValue(None))
        for side, (dx, dy, align) in SIDES.items()
    ]


def domain(values: pd.Series) -> list[float]:
    """The axis that `place` takes for granted: a little room at both ends."""
    if values.empty:
        return [0.0, 1.0]
    room = 0.05 * float(values.max() - values.min()) or 0.5
    return [float(values.min()) - room, float(values.max()) + room]


def _scaled(values: pd.Series, size: float) -> list[float]:
    start, end = domain(values)
    return [size * (value - start) / (end - start) for value in values]


def _box(x: float, y: float, room: float, align: str) -> tuple[float, float, float, float]:
    left = x - room * {"left": 0, "right": 1, "center": 0.5}[align]
    return left, y - LABEL_SIZE * 0.55, left + room, y + LABEL_SIZE * 0.55


def _free(box: tuple, taken: list[tuple], width: float) -> bool:
    left, top, right, bottom = box
    inside = left >= 0 and right <= width
    return inside and not any(
        left < other[2] and right > other[0] and top < other[3] and bottom > other[1]
        for other in taken
    )
