"""Gains by language: one target at a time on the page, all targets side by side on paper."""

import altair as alt
import pandas as pd

from xstilts.report.charts.theme import BLUE, INK, colour_limit, diverging, ink_on, narrow, table
from xstilts.report.formats import number
from xstilts.report.names import written

ORDERS = {
    "mean gain": "-datum.mean",
    "score without intermediate task": "-datum.level",
    "pretraining text": "-datum.pretraining",
    "resource class": "-datum.resources",
    "family": "datum.family_rank",
    "code": "datum.code_rank",
}


def language_map(
    languages: pd.DataFrame, facts: pd.DataFrame, intermediates: list[str], targets: list[str]
) -> alt.TopLevelMixin:
    """Intermediate tasks x languages of the target that is chosen, ordered as is chosen.

    `languages` as from `dyads.by_language`; `facts` with language, name, family_glottolog,
    joshi_class and pretraining_GiB (may be empty: then the orders that need it fall away).
    """
    cells, limit = language_cells(languages, facts), colour_limit(languages["gain"])
    names = [written(name) for name in intermediates if name in set(cells["intermediate"])]
    shown = [written(name) for name in targets if name in set(cells["target"])]
    orders = (
        list(ORDERS) if len(facts) else ["mean gain", "score without intermediate task", "code"]
    )
    target = alt.param(
        name="target", value=shown[0], bind=alt.binding_select(options=shown, name="target task ")
    )
    order = alt.param(
        name="language_order", value=orders[0],
        bind=alt.binding_select(options=orders, name="languages by "),
    )  # fmt: skip
    rank = " : ".join(f"language_order === '{name}' ? {ORDERS[name]}" for name in orders) + " : 0"
    base = (
        alt.Chart(table(cells))
        .transform_filter("datum.column === target")
        .transform_calculate(
            rank=rank, label_of_cell="narrow ? format(datum.gain, '+.0f') : datum.shown"
        )
        .encode(
            alt.X("row:N", title=None, sort=names,
                  axis=alt.Axis(orient="top", labelAngle=-40, labelAlign="left")),
            alt.Y("label:N", title=None, sort=alt.EncodingSortField("rank", op="min")),
        )
    )  # fmt: skip
    squares = base.mark_rect(stroke="white").encode(
        alt.Color("gain:Q", scale=diverging(limit), title="gain over the baseline (points)",
                  legend=alt.Legend(orient="bottom", gradientLength=220)),
        tooltip=[
            alt.Tooltip("pair:N", title="gain of"), alt.Tooltip("label:N", title="language"),
            alt.Tooltip("family:N"), alt.Tooltip("joshi:N", title="resource class (Joshi)"),
            alt.Tooltip("gain:Q", format="+.1f"), alt.Tooltip("low:Q", format="+.1f"),
            alt.Tooltip("high:Q", format="+.1f"), alt.Tooltip("score:Q", format=".1f"),
            alt.Tooltip("baseline:Q", format=".1f"),
        ],
    )  # fmt: skip
    ink, size = alt.Color("ink:N", scale=None), alt.expr("narrow ? 9.5 : 11")
    told = base.transform_filter("datum.told").mark_text(fontSize=size)
    untold = base.transform_filter("!datum.told").mark_text(fontSize=size, fontStyle="italic")
    chart = alt.layer(
        squares,
        told.encode(ink, text="label_of_cell:N"),
        untold.encode(ink, text="label_of_cell:N"),
    ).resolve_scale(color="independent")
    return chart.add_params(target, order, narrow()).properties(
        width=44 * max(len(names), 1), height=alt.Step(20)
    )


def language_cells(languages: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """One row per dyad and language with all that is shown of it, and keys to order languages."""
    known = facts.set_index("language") if len(facts) else pd.DataFrame()
    limit = colour_limit(languages["gain"])
    by_target = languages.groupby(["target", "language"])
    codes = sorted(languages["language"].unique())

    def fact(column: str, otherwise: object) -> pd.Series:
        if column not in known:
            return pd.Series(otherwise, index=languages.index)
        return languages["language"].map(known[column]).astype(object).fillna(otherwise)

    family = fact("family_glottolog", "")
    names = fact("name", "")
    codes_and_names = zip(languages["language"], names, strict=True)
    families = {name: rank for rank, name in enumerate(sorted(family.unique()))}
    rank = {code: position for position, code in enumerate(codes)}
    return languages.drop(columns="seeds").assign(
        row=languages["intermediate"].map(written),
        column=languages["target"].map(written),
        pair=languages["intermediate"].map(written) + " → " + languages["target"].map(written),
        label=[f"{name} ({code})" if name else code for code, name in codes_and_names],
        told=(languages["low"] > 0) | (languages["high"] < 0),
        shown=[number(gain, signed=True) for gain in languages["gain"]],
        ink=[ink_on(gain, limit) for gain in languages["gain"]],
        family=family,
        joshi=fact("joshi_class", "unknown"),
        resources=pd.to_numeric(fact("joshi_class", -1), errors="coerce"),
        pretraining=pd.to_numeric(fact("pretraining_GiB", 0.0), errors="coerce"),
        family_rank=family.map(families) * 1000 + languages["language"].map(rank),
        code_rank=languages["language"].map(rank),
        mean=by_target["gain"].transform("mean"),
        level=by_target["baseline"].transform("mean"),
    )


def languages_on_paper(languages: pd.DataFrame, targets: list[str]) -> alt.TopLevelMixin:
    """A panel per target: the baseline's score as a ring, that of each intermediate as a stroke."""
    level = alt.EncodingSortField("baseline", op="mean", order="descending")
    panels = []
    for target in [name for name in targets if name in set(languages["target"])]:
        rows = languages[languages["target"] == target][["language", "score", "baseline"]]
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
