"""The task map: intermediate and target tasks in one plane, by similarity."""

import altair as alt
import numpy as np
import pandas as pd

from xstilts.report.charts.point_labels import domain, placed, texts
from xstilts.report.charts.theme import BLUE, GRID, NARROW, ORANGE, fitted, table
from xstilts.report.names import written

WIDTH, HEIGHT = 560, 400


def positions(similarity: pd.DataFrame) -> pd.DataFrame:
    """Task, role, x, y of each task, from rows of intermediate, target, similarity.

    The first two singular vectors of the double-centred similarities, scaled by the square root of
    their singular values on both sides (the symmetric biplot of Gabriel 1971): the larger the inner
    product of an intermediate and a target, the more similar the pair is than the means of its row
    and its column would have it. `attrs["share"]` of the result is the share of the squared
    double-centred similarities that two dimensions hold. Empty below three tasks on a side.
    """
    grid = similarity.pivot_table("similarity", "intermediate", "target").dropna(axis=0)
    if min(grid.shape, default=0) < 3:
        return pd.DataFrame(columns=["task", "role", "x", "y"])
    values = grid.to_numpy(dtype=float)
    centred = values - values.mean(0) - values.mean(1)[:, None] + values.mean()
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    # The sign of a singular vector is arbitrary: the largest entry is made positive.
    signs = np.sign(left[np.abs(left).argmax(axis=0), range(left.shape[1])])
    scale = np.sqrt(sizes[:2]) * signs[:2]
    spots = np.vstack([left[:, :2] * scale, right[:2].T * scale])
    spots = spots / (np.abs(spots).max() or 1.0)
    result = pd.DataFrame(
        {
            "task": [*grid.index, *grid.columns],
            "role": ["intermediate"] * len(grid) + ["target"] * len(grid.columns),
            "x": spots[:, 0],
            "y": spots[:, 1],
        }
    )
    total = float((sizes**2).sum())
    result.attrs["share"] = float((sizes[:2] ** 2).sum()) / total if total else 0.0
    return result


def task_map(similarity: pd.DataFrame, measure: str) -> alt.TopLevelMixin | None:
    """The tasks as labelled points; None where there are too few."""
    spots = positions(similarity)
    if spots.empty:
        return None
    share = spots.attrs["share"]
    spots = placed(
        spots.assign(name=spots["task"].map(written)), "x", "y", "name", (WIDTH, NARROW), HEIGHT
    )
    plain = alt.Axis(labels=False, grid=False)
    across, down = (
        alt.Scale(domain=domain(spots[axis]), nice=False, zero=False) for axis in ("x", "y")
    )
    base = alt.Chart(table(spots)).encode(
        alt.X("x:Q", title=None, axis=plain, scale=across),
        alt.Y("y:Q", title=None, axis=plain, scale=down),
        tooltip=["name:N", "role:N"],
    )
    colour = alt.Color("role:N", title=None, scale=alt.Scale(range=[BLUE, ORANGE]),
                       legend=alt.Legend(orient="top"))  # fmt: skip
    shape = alt.Shape("role:N", scale=alt.Scale(range=["circle", "triangle-up"]))
    axes = alt.Chart(table(pd.DataFrame({"zero": [0]})))
    chart = alt.layer(
        axes.mark_rule(color=GRID).encode(x="zero:Q"),
        axes.mark_rule(color=GRID).encode(y="zero:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(colour, shape),
        *texts(base, "name"),
    ).properties(
        width=WIDTH,
        height=HEIGHT,
        title=alt.TitleParams(
            f"{measure}: {100 * share:.0f} % of what is specific to pairs",
            fontSize=12,
            fontWeight="normal",
        ),
    )
    return fitted(chart)
