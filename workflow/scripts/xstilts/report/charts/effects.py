"""What the statistics say: intervals, measures, languages, variances, choice, influence."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from xstilts.report.charts.dyad_points import dots
from xstilts.report.charts.point_labels import domain, placed, texts
from xstilts.report.charts.theme import BLUE, INK, NARROW, ORANGE, fitted, table
from xstilts.report.names import measure_name, written

WORDS = {
    "kenward_roger": "Kenward-Roger", "mrqap": "relabelling (MRQAP)", "ndcg": "NDCG",
    "recovered_at_1": "share of the possible gain, first choice",
    "regret_at_1": "regret, first choice", "r2_marginal": "R², marginal",
    "leave_one_target_out": "for a target not seen",
    "leave_one_intermediate_out": "with an intermediate not seen",
    "leave_one_language_out": "for a language not seen",
    "without_same_data": "without pairs of the same data", "same_data": "pairs of the same data",
    "negative_mmd": "negative MMD", "logme": "LogME",
}  # fmt: skip
"""Keys of the tables of inference whose words alone would not be read."""
HONEST, NAIVE = "honest", "naive: do not use"
METHODS = {
    "kenward_roger": "Kenward-Roger",
    "satterthwaite": "Satterthwaite",
    "mrqap": "the match alone",
    "naive": "rows as if independent",
}  # fmt: skip


def forest(effects: pd.DataFrame) -> alt.TopLevelMixin | None:
    """Effect of similarity by method and subset: naive and honest intervals side by side."""
    rows = effects[
        (effects["analysis"].isin(["headline", "rows"]))
        & (effects["scale"] == "standardised")
        & (effects["term"] == "similarity")
    ].dropna(subset=["estimate", "low", "high"])
    if rows.empty:
        return None
    rows = rows.assign(
        kind=[NAIVE if method == "naive" else HONEST for method in rows["method"]],
        label=[
            METHODS.get(row.method, row.method)
            + (", no same data" if row.subset == "without_same_data" else "")
            + (", by language" if row.analysis == "rows" and row.method != "naive" else "")
            for row in rows.itertuples()
        ],
    )
    return dots(
        rows[["label", "kind", "estimate", "low", "high"]], "label",
        ["effect of similarity", "(standard deviations)"],
        colour="kind", colours={HONEST: BLUE, NAIVE: ORANGE}, width=380, tooltips=("kind",),
    )  # fmt: skip


def measures(table_of_measures: pd.DataFrame) -> alt.TopLevelMixin | None:
    """The effect of each similarity measure; the primary one is named."""
    rows = table_of_measures.dropna(subset=["estimate", "low", "high"])
    if rows.empty:
        return None
    primary = rows["primary"].astype(bool)
    rows = rows.assign(
        label=rows["measure"].map(measure_name) + primary.map({True: " (primary)", False: ""}),
        adjusted=rows["p_max_t"].map(lambda p: "–" if pd.isna(p) else f"{p:.3f}"),
    )
    return dots(
        rows[["label", "estimate", "low", "high", "adjusted"]], "label",
        ["effect of similarity", "(standard deviations)"],
        width=400, tooltips=("adjusted",),
    )  # fmt: skip


def low_resource(slopes: pd.DataFrame) -> alt.TopLevelMixin | None:
    """Slope of the gain on similarity in each language against its amount of pretraining text."""
    rows = slopes.dropna(subset=["slope", "pretraining_gib"])
    rows = rows[rows["pretraining_gib"] > 0]
    if rows.empty:
        return None
    rows = rows[
        ["language", "name", "family", "joshi_class", "pretraining_gib", "slope", "low", "high"]
    ]
    # On the scale of its logarithm, so that the names' places are those that are drawn.
    rows = rows.assign(x=np.log10(rows["pretraining_gib"].astype(float)))
    rows = placed(rows, "x", "slope", "name", (560, NARROW), 360)
    base = alt.Chart(table(rows)).encode(
        alt.X("x:Q", scale=alt.Scale(domain=domain(rows["x"]), nice=False, zero=False),
              axis=alt.Axis(values=[-2, -1, 0, 1, 2, 3],
                            labelExpr="format(pow(10, datum.value), '~g')"),
              title="pretraining text (GiB)"),
        tooltip=[
            alt.Tooltip("name:N", title="language"), alt.Tooltip("family:N"),
            alt.Tooltip("joshi_class:N", title="resource class"),
            alt.Tooltip("pretraining_gib:Q", title="pretraining text, GiB", format=".2f"),
            *(alt.Tooltip(f"{name}:Q", format="+.2f") for name in ("slope", "low", "high")),
        ],
    )  # fmt: skip
    zero = alt.Chart(table(pd.DataFrame({"zero": [0]}))).mark_rule(color=INK, strokeDash=[3, 3])
    # The intervals are longer than the names' plane: they end at its edge.
    scale = alt.Scale(domain=domain(rows["slope"]), nice=False, zero=False)
    y = alt.Y("slope:Q", title="slope of the gain on similarity", scale=scale)
    named = base.encode(y)
    chart = alt.layer(
        zero.encode(y=alt.Y("zero:Q", scale=scale)),
        base.mark_rule(color=BLUE, opacity=0.3, clip=True).encode(
            alt.Y("low:Q", scale=scale), alt.Y2("high:Q")
        ),
        named.mark_point(filled=True, color=BLUE, size=50, opacity=1),
        *texts(named, "name"),
    ).properties(width=560, height=360)
    return fitted(chart)


def variance(components: pd.DataFrame) -> alt.TopLevelMixin | None:
    """Share of the variance of gains by component."""
    rows = components.dropna(subset=["share"])
    if rows.empty:
        return None
    zero = rows["estimated_zero"].astype(bool)
    rows = rows.assign(
        label=rows["component"].str.replace("_", " "),
        text=[
            "estimated zero" if empty else f"{share:.0%}"
            for share, empty in zip(rows["share"], zero, strict=True)
        ],
    )[["label", "share", "text"]]
    base = alt.Chart(table(rows)).encode(
        alt.X(
            "share:Q",
            title="share of the variance of gains",
            axis=alt.Axis(format="%", tickCount=4),
        ),
        alt.Y("label:N", title=None, sort=list(rows["label"])),
    )
    return alt.layer(
        base.mark_bar(color=BLUE, height=14),
        base.mark_text(align="left", dx=5, color=INK).encode(text="text:N"),
    ).properties(width=400, height=alt.Step(24))


PREDICTORS = {
    "similarity_and_popularity": "similarity and popularity", "similarity": "similarity",
    "popularity": "popularity", "training_size": "training size", "random": "random",
}  # fmt: skip
SCHEMES = {
    "leave_one_target_out": "for a target not seen",
    "leave_one_intermediate_out": "with an intermediate not seen",
}


def selection(skill: pd.DataFrame) -> alt.TopLevelMixin | None:
    """Share of the possible gain that each way of choosing the intermediate task recovers."""
    rows = skill[(skill["metric"] == "recovered_at_1") & (skill["held_out"] == "mean")]
    rows = rows.dropna(subset=["value"])
    if rows.empty:
        return None
    panels = []
    for scheme, group in rows.groupby("scheme", sort=False):
        shown = group.assign(
            predictor=group["predictor"].map(lambda name: PREDICTORS.get(name, name)),
            estimate=group["value"],
        )[["predictor", "estimate", "low", "high", "chance"]]
        chart = dots(shown, "predictor", "share of the possible gain",
                     sort=list(PREDICTORS.values()))  # fmt: skip
        chance = alt.Chart(table(shown)).mark_tick(
            color=ORANGE, thickness=2.5, height=16
        ).encode(
            x="chance:Q", y=alt.Y("predictor:N", sort=list(PREDICTORS.values())),
            tooltip=["chance:Q"],
        )  # fmt: skip
        panels.append(
            alt.layer(chart, chance).properties(
                title=SCHEMES.get(str(scheme), str(scheme)), width=400
            )
        )
    return alt.vconcat(*panels, spacing=24)


KINDS = {"intermediate": "without intermediate", "target": "without target",
         "language": "without language", "family": "without family",
         "retrieval": "without retrieval targets",
         "same_data": "without same-data pairs"}  # fmt: skip


def influence(rows: pd.DataFrame, names: Mapping[str, str]) -> alt.TopLevelMixin | None:
    """The slope when one task, language or family is left out; `names` of languages by code."""
    shown = rows.dropna(subset=["estimate", "low", "high"])
    if shown.empty:
        return None
    shown = shown.assign(
        kind=shown["kind"].map(lambda kind: KINDS.get(kind, kind)),
        label=[_left_out(str(name), names) for name in shown["left_out"]],
    )
    panels = [
        dots(group[["label", "estimate", "low", "high"]].sort_values("estimate"), "label",
             "slope of the gain on similarity").properties(title=str(kind))
        for kind, group in shown.groupby("kind", sort=False)
    ]  # fmt: skip
    return alt.vconcat(*panels, spacing=20).resolve_scale(x="shared")


def _left_out(name: str, names: Mapping[str, str]) -> str:
    return names.get(name, WORDS.get(name, written(name).replace("_", " ")))
