"""Tables of similarity, inference and prediction as their rules write them, from a simulation."""

import dataclasses

import numpy as np
import pandas as pd

from xstilts.report.dyad_gains import summarise
from xstilts.report.report_inputs import ReportInputs

LANGUAGE_FACTS = {
    "ar": ("Arabic", "Afro-Asiatic", 5, 28.0), "bg": ("Bulgarian", "Indo-European", 3, 57.5),
    "de": ("German", "Indo-European", 5, 66.6), "en": ("English", "Indo-European", 5, 300.8),
    "es": ("Spanish", "Indo-European", 5, 53.3), "hi": ("Hindi", "Indo-European", 4, 20.2),
    "ru": ("Russian", "Indo-European", 4, 278.0), "sw": ("Swahili", "Atlantic-Congo", 2, 1.6),
    "tr": ("Turkish", "Turkic", 4, 20.9), "zh": ("Chinese", "Sino-Tibetan", 5, 46.9),
}  # fmt: skip
MEASURES = ["text_embedding", "negative_mmd", "vocabulary_overlap", "task_embedding"]
ANSWER = {
    "question": "Does similarity predict the gain?",
    "answer": "One standard deviation more of similarity goes with +0.21 standard deviations more "
    "gain [−0.18, +0.60].",
    "limits": "With 9 x 9 tasks a slope below 0.70 would probably not have been seen.",
    "robust": None,
    "primary_measure": "text_embedding",
    "headline": {"estimate": 0.21, "low": -0.18, "high": 0.60, "p": 0.27},
    "confirmation": {"p": 0.31},
    "low_resource": {"estimate": -0.04, "low": -0.20, "high": 0.12, "p": 0.6},
    "equivalence": {"bound": 0.5, "p": 0.08, "equivalent": False, "smallest_bound": 0.54},
    "problems": ["One seed: reliability of the gains is unknown."],
    "tables": [],
}


def language_facts() -> pd.DataFrame:
    rows = [(code, *facts, 1) for code, facts in LANGUAGE_FACTS.items()]
    columns = [
        "language",
        "name",
        "family_glottolog",
        "joshi_class",
        "pretraining_GiB",
        "in_pretraining",
    ]
    return pd.DataFrame(rows, columns=columns)


def simulate_similarity(intermediates: list[str], targets: list[str]) -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = []
    for measure in MEASURES:
        for name in intermediates:
            for target in targets:
                value = random.uniform(0.2, 0.9)
                rows.append((measure, name, target, None, value, value - 0.03, value + 0.03, 0.9))
    columns = ["measure", "intermediate", "target", "language", "similarity", "low", "high",
               "reliability"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def simulate_inference(dyads: pd.DataFrame, similarity: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """`dyads` as from `dyads.summarise`, single intermediate tasks only."""
    random = np.random.default_rng(5)
    primary = similarity[similarity["measure"] == MEASURES[0]]
    merged = dyads.merge(primary[["intermediate", "target", "similarity"]])
    table = merged[["intermediate", "target", "gain"]].copy()
    by_target = merged.groupby("target")["gain"]
    table["gain_standardised"] = (
        merged["gain"] - by_target.transform("mean")
    ) / by_target.transform("std")
    table["similarity"] = merged["similarity"]
    table["similarity_standardised"] = (
        merged["similarity"] - merged["similarity"].mean()
    ) / merged["similarity"].std()
    for name in ("gain", "similarity"):
        column = merged[name]
        table[f"{name}_centred"] = (
            column
            - column.groupby(merged["target"]).transform("mean")
            - column.groupby(merged["intermediate"]).transform("mean")
            + column.mean()
        )
    table["same_data"], table["languages"], table["seeds"] = merged["same_data"], 10, 2
    table["intermediate_family"] = table["target_family"] = None
    table["gain_shrunken"] = 0.5 * table["gain"]
    targets, names = list(merged["target"].unique()), list(merged["intermediate"].unique())

    def effect(analysis, subset, method, estimate, error, df):
        half = 2.1 * error
        return (analysis, subset, "standardised", method, "similarity", estimate, error, df,
                estimate - half, estimate + half, 0.27, 81, "")  # fmt: skip

    effects = pd.DataFrame(
        [
            effect("headline", "all", "kenward_roger", 0.21, 0.19, 17.2),
            effect("headline", "all", "satterthwaite", 0.21, 0.18, 19.0),
            effect("headline", "without_same_data", "kenward_roger", 0.18, 0.19, 16.8),
            effect("rows", "all", "naive", 0.22, 0.03, 800.0),
        ],
        columns=["analysis", "subset", "scale", "method", "term", "estimate", "standard_error",
                 "df", "low", "high", "p", "n", "note"],
    )  # fmt: skip
    effects.loc[len(effects)] = [
        "headline", "all", "standardised", "mrqap", "similarity", *[np.nan] * 5, 0.31, 81, "",
    ]  # fmt: skip
    measures = pd.DataFrame(
        [(name, name == MEASURES[0], estimate, 0.15, 17, estimate - 0.32, estimate + 0.32, 0.3, 0.3,
          0.6, 0.9, estimate / 0.9)
         for name, estimate in zip(MEASURES, (0.21, 0.1, 0.05, -0.1), strict=True)],
        columns=["measure", "primary", "estimate", "standard_error", "df", "low", "high", "p",
                 "p_mrqap", "p_max_t", "reliability", "estimate_disattenuated"],
    )  # fmt: skip
    slopes = random.normal(0.2, 0.3, len(targets))
    languages = [
        (code, name, family, joshi, gib, 1, slope, slope - 0.4, slope + 0.4, 0.5, 81)
        for (code, (name, family, joshi, gib)), slope in zip(
            LANGUAGE_FACTS.items(), random.normal(0.2, 0.2, len(LANGUAGE_FACTS)), strict=True
        )
    ]
    skill = []
    for scheme in ("leave_one_target_out", "leave_one_intermediate_out"):
        for predictor, value in (("similarity", 0.2), ("popularity", 0.4), ("random", 0.0),
                                 ("similarity_and_popularity", 0.45),
                                 ("training_size", 0.1)):  # fmt: skip
            for metric in ("recovered_at_1", "regret_at_1", "ndcg"):
                row = (scheme, predictor, metric, "mean", value, 0.0, value - 0.3, value + 0.3)
                skill.append(row)
    return {
        "dyads": table,
        "effects": effects,
        "measures": measures,
        "agreement": pd.DataFrame(
            [(MEASURES[0], MEASURES[1], 0.71, 81)],
            columns=["measure_a", "measure_b", "spearman", "dyads"],
        ),
        "target_slopes": pd.DataFrame(
            [(t, s, s - 0.5, s + 0.5, s, s - 0.5, s + 0.5, 9)
             for t, s in zip(targets, slopes, strict=True)],
            columns=["target", "slope", "low", "high", "spearman", "spearman_low",
                     "spearman_high", "dyads"],
        ),
        "language_slopes": pd.DataFrame(
            languages,
            columns=["language", "name", "family", "joshi_class", "pretraining_gib",
                     "in_pretraining", "slope", "low", "high", "gain", "rows"],
        ),
        "variance": pd.DataFrame(
            [("intermediate", 1.0, 0.25, False), ("target", 1.2, 0.3, False),
             ("language", 0.0, 0.0, True), ("dyad", 1.0, 0.25, False),
             ("residual", 0.8, 0.2, False)],
            columns=["component", "variance", "share", "estimated_zero"],
        ),
        "fit": pd.DataFrame([("r2_marginal", 0.04), ("partial_r2_similarity", 0.03)],
                            columns=["quantity", "value"]),
        "noise_ceiling": pd.DataFrame(
            [("reliability", 0.8, ""), ("best_possible_correlation", 0.89, ""),
             ("correlation_observed", 0.2, "")],
            columns=["quantity", "value", "note"],
        ),
        "selection": pd.DataFrame(
            skill,
            columns=["scheme", "predictor", "metric", "held_out", "value", "chance", "low", "high"],
        ),
        "influence": pd.DataFrame(
            [("target", t, 0.2 + 0.01 * n, -0.2, 0.6, 0.3) for n, t in enumerate(targets)]
            + [("intermediate", t, 0.21, -0.2, 0.6, 0.3) for t in names]
            + [("same_data", "same_data", 0.18, -0.2, 0.6, 0.3)],
            columns=["kind", "left_out", "estimate", "low", "high", "p"],
        ),
        "equivalence": pd.DataFrame([(0.5, 0.08, False, 0.54)],
                                    columns=["bound", "p", "equivalent", "smallest_bound"]),
        "power": pd.DataFrame([(9, 9, 1, 0.27, 0.76, 0.8), (9, 9, 3, 0.25, 0.70, 0.7)],
                              columns=["intermediates", "targets", "seeds", "standard_error",
                                       "smallest_detectable_slope",
                                       "smallest_slope_seen"]),
    }  # fmt: skip


def simulate_coverage() -> pd.DataFrame:
    return pd.DataFrame(
        [("leave_one_target_out", "xnli", 90, 79, 0.9),
         ("leave_one_language_out", "sw", 81, 75, 0.9)],
        columns=["scheme", "held_out", "rows", "covered", "nominal"],
    )  # fmt: skip


def with_inference(inputs: ReportInputs) -> ReportInputs:
    """The same study with similarity, inference and facts on languages."""
    dyads = summarise(inputs.gains)
    single = dyads[dyads["intermediate"] != "multitask"]
    similarity = simulate_similarity(
        list(single["intermediate"].unique()), list(single["target"].unique())
    )
    return dataclasses.replace(
        inputs,
        similarity=similarity,
        inference=simulate_inference(single, similarity),
        answer=ANSWER,
        languages=language_facts(),
        coverage=simulate_coverage(),
    )
