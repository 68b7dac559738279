"""The task map: intermediate and target tasks in one plane, by similarity."""

import altair as alt
import numpy as np
import pandas as pd

from xstilts.report.charts.theme import BLUE, GRID, INK, ORANGE, table
from xstilts.report.names import written


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
    spots = spots.assign(name=spots["task"].map(written), **_label_offsets(spots))
    base = alt.Chart(table(spots)).encode(
        alt.X("x:Q", title=None, axis=alt.Axis(labels=False, grid=False)),
        alt.Y("y:Q", title=None, axis=alt.Axis(labels=False, grid=False)),
        tooltip=["name:N", "role:N"],
    )
    colour = alt.Color("role:N", title=None, scale=alt.Scale(range=[BLUE, ORANGE]),
                       legend=alt.Legend(orient="top"))  # fmt: skip
    shape = alt.Shape("role:N", scale=alt.Scale(range=["circle", "triangle-up"]))
    axes = alt.Chart(table(pd.DataFrame({"zero": [0]})))
    labels = [
        base.transform_filter(f"datum.above === {above}")
        .mark_text(dy=-11 if above else 13, color=INK, fontSize=11.5)
        .encode(text="name:N")
        for above in (0, 1)
    ]  # fmt: skip
    return alt.layer(
        axes.mark_rule(color=GRID).encode(x="zero:Q"),
        axes.mark_rule(color=GRID).encode(y="zero:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(colour, shape),
        *labels,
    ).properties(
        width=560,
        height=400,
        title=alt.TitleParams(
            f"{measure}: {share:.0%} of what is specific to pairs",
            fontSize=12,
            fontWeight="normal",
        ),
    )


def _label_offsets(spots: pd.DataFrame) -> dict[str, list[int]]:
    """A label goes above its point unless a near point lies just above it."""
    above = []
    for row in spots.itertuples():
        near = spots[
            ((spots["x"] - row.x).abs() < 0.25) & (spots["y"] > row.y) & (spots["y"] < row.y + 0.16)
        ]
        above.append(int(near.empty))
    return {"above": above}
