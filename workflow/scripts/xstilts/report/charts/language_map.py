"""Scores by language on paper, all targets side by side; the page has a table of its own."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from xstilts.report.charts.theme import BLUE, INK, table
from xstilts.report.names import written


def languages_on_paper(
    languages: pd.DataFrame, targets: list[str], names: Mapping[str, str]
) -> alt.TopLevelMixin:
    """A panel per target: the baseline's score as a ring, that of each intermediate as a stroke.

    `languages` as from `dyad_gains.by_language`; `names` of languages by code.
    """
    level = alt.EncodingSortField("baseline", op="mean", order="descending")
    panels = []
    for target in [name for name in targets if name in set(languages["target"])]:
        rows = languages[languages["target"] == target][["language", "score", "baseline"]]
        rows = rows.assign(language=rows["language"].map(lambda code: names.get(code, code)))
        base = alt.Chart(table(rows)).encode(alt.Y("language:N", title=None, sort=level))
        scale = alt.Scale(zero=False, nice=True)
        strokes = base.mark_tick(thickness=1.3, height=11, color=BLUE, opacity=0.8)
        rings = base.mark_point(shape="circle", color=INK, size=34, strokeWidth=1.3)
        panels.append(
            alt.layer(
                strokes.encode(alt.X("score:Q", title="score", scale=scale)),
                rings.encode(alt.X("mean(baseline):Q", scale=scale)),
            ).properties(width=210, height=alt.Step(15), title=written(target))
        )
    return alt.concat(*panels, columns=3, spacing=30)
